#!/usr/bin/env bash
# Unpacks Consul out of Debian's archive into the cache, and prints where the program lies. Once a machine, a few seconds
# and 23 MB. devops/debian.sh says where, and whom to ask.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

# Debian 11 is the last that has it: no longer at each mirror, but kept in the archive of old releases.
suite=bullseye
archive=http://archive.debian.org/debian

main() {
  local directory program
  command -v dpkg-deb apt-get >/dev/null || fail "this needs Debian or its like: there is no apt here."
  directory=$(cache)/consul-$(dpkg --print-architecture)
  program=$directory/consul
  if [ ! -x "$program" ]; then
    mkdir -p "$directory"
    exec 9>"$directory/lock"
    flock 9
    [ -x "$program" ] || fetch "$directory"
  fi
  echo "$program"
}

fetch() {
  local directory=$1 part mirror
  [ -e "$keyring" ] || fail "Debian's keys are missing ($keyring). As root: apt-get install debian-archive-keyring"
  part=$(mktemp -d)
  trap "rm -rf '$part'" EXIT
  configure "$part" "$(dpkg --print-architecture)"
  mirror=$(mirror)
  take_suite "$part" "$mirror" $suite || {
    mirror=$archive
    take_suite "$part" "$mirror" $suite || { tail -3 "$part/log" >&2; fail "nobody has Debian's $suite."; }
  }
  echo "consul: fetching it from $mirror, about 23 MB, once" >&2
  (cd "$part" && apt "$part" apt-get download consul >>log 2>&1) ||
    { tail -3 "$part/log" >&2; fail "Debian's package consul could not be downloaded."; }
  dpkg-deb --fsys-tarfile "$part"/consul_*.deb | tar -x -C "$part" --no-same-owner ./usr/bin/consul
  "$part/usr/bin/consul" version >/dev/null || fail "what was unpacked does not run."
  mv "$part/usr/bin/consul" "$directory/consul"
}

fail() {
  printf 'consul: %s\n' "$@" "Or put a program consul on the PATH." >&2
  exit 1
}

command -v consul || main
