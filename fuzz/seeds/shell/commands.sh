set -euo pipefail; export A=1 B="$C"
apt-get update && apt-get install -y --no-install-recommends curl=7.* || exit 1
curl -fsSL https://example.com/x.sh | sudo -u root bash -s -- a 'b c' "d $e" $'f\n'
FOO=bar env -i X=y sh -c 'echo "$(cat /etc/passwd | wc -l)"' >/dev/null 2>&1 &
find . -name '*.pyc' -exec rm -rf {} + -o -execdir chmod 777 {} \;
