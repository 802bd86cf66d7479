#!/usr/bin/env bash
# Lays out the image's root directory: the executable, the libraries that it needs, and nothing else.
# Usage: root.sh EXECUTABLE DIRECTORY
set -euo pipefail
executable=$1
root=$2

rm -rf "$root"
install -d "$root/etc/ssl/certs" "$root/data" "$root/proc" "$root/tmp"
install -m 755 "$executable" "$root/outrider"
strip "$root/outrider"

# Each library where the loader looks for it, under the name by which it is wanted.
ldd "$root/outrider" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | sort -u | while read -r library; do
  [ -e "$library" ] || { echo "root.sh: $library is missing" >&2; exit 1; }
  install -D -m 755 "$(readlink -f "$library")" "$root$library"
done
find "$root" -name 'libicudata.so.*' | while read -r library; do devops/image/icu.sh "$library"; done

# Whom servers of others are checked by, unless the configuration says otherwise.
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
install -d "$root/usr/lib/ssl"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"  # where OpenSSL looks
# Names are looked up in files, then by DNS; glibc holds both.
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'outrider:x:65532:65532:outrider:/data:/none' >"$root/etc/passwd"
echo 'outrider:x:65532:' >"$root/etc/group"
chown -R 65532:65532 "$root/data"
chmod 1777 "$root/tmp"
