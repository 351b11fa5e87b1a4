#!/usr/bin/env bash
# Packs a built program with its licences, manual pages and completions: archive.sh BINARY TARGET DIRECTORY
# The archive is DIRECTORY/lockgate-VERSION-TARGET.tar.gz, or .zip for Windows. The program must run on this machine.
set -euo pipefail
binary=$1 target=$2 directory=$3
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$binary" --version | cut -d' ' -f2)
name=lockgate-$version-$target

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name/man" "$stage/$name/completions" "$directory"
cp "$binary" "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$stage/$name/"
"$binary" man --output "$stage/$name/man" > /dev/null
for shell in bash elvish fish powershell zsh; do
  "$binary" completions "$shell" > "$stage/$name/completions/lockgate.$shell"
done

case $target in
  *-windows-*) (cd "$stage" && 7z a -bd "$name.zip" "$name" > /dev/null) && mv "$stage/$name.zip" "$directory/" ;;
  *) tar -C "$stage" -czf "$directory/$name.tar.gz" "$name" ;;
esac
