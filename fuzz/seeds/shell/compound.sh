if [ -f a ]; then echo yes; elif [[ a < b && c ]]; then :; else ! false; fi
for f in a b; do (cd "$f" && make); done | tee log
while read -r l; do { echo "$l"; }; done < <(ls `pwd \`x\``)
case "$1" in a|b) echo 1 ;; *) echo $((1 + (2))) ;; esac
f() { local x=${y:-"}"}; }; function g { :; }
cat <<-EOT > out <<'E2'
	one $(two)
	EOT
three
E2
bash <<X
rm -rf /
X
eval "a b" c
timeout -s 9 5 nice -n 1 su -c 'x y' user
# comment \
echo é\ ü
