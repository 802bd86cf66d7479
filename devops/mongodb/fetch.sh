#!/usr/bin/env bash
# Unpacks DocumentDB on PostgreSQL out of Debian's archive into the cache, and prints where it lies. Once a machine, about
# 10 s and 53 MB. Needs no root, installs nothing, and leaves the machine's own package lists alone.
# devops/debian.sh says where, and whom to ask.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

# PostgreSQL 18's DocumentDB is in forky. The others are asked when it is no longer there.
suites=(${OUTRIDER_DEBIAN_SUITE:-forky testing sid})

# Raise it when this file unpacks something else than before: old caches are then left alone.
recipe=1

# What apt is told is installed, so that it leaves these and the 130 packages behind them out: nothing that the engine
# loads needs them.
left_out=(
  proj-data postgresql-common postgresql-client-common locales ssl-cert debconf perl perl-base systemd passwd dpkg debianutils
  sensible-utils media-types ucf base-files libpam-modules libpam-modules-bin
)

main() {
  local cache architecture engine
  cache=$(cache)
  command -v dpkg >/dev/null || fail "this needs Debian or its like: there is no dpkg here."
  architecture=$(dpkg --print-architecture)
  engine=$cache/mongodb-engine-$recipe-$architecture
  if [ ! -e "$engine/packages" ]; then
    mkdir -p "$cache"
    exec 9>"$engine.lock"
    flock -n 9 || { say "another process is fetching it: waiting"; flock 9; }
    [ -e "$engine/packages" ] || fetch "$engine" "$engine.part" "$architecture"
  fi
  echo "$engine"
}

# Usage: fetch ENGINE PART ARCHITECTURE. PART keeps what was downloaded by a run that was cut off.
fetch() {
  local engine=$1 part=$2 architecture=$3 mirror package log=$2/log
  command -v apt-get >/dev/null || fail "this needs Debian or its like: there is no apt-get here."
  [ -e $keyring ] || fail "Debian's keys are missing ($keyring). As root: apt-get install debian-archive-keyring"
  mirror=$(mirror)
  say "fetching it from $mirror, about 53 MB, once"
  configure "$part" "$architecture"
  package=$(find_package "$part" "$mirror") || exit 1

  claim_installed "$part" "$package"
  download "$part" "$package" >>"$log" 2>&1 ||
    fail_with_log "$log" "$package and what it needs could not be downloaded. What came so far is kept: try again."
  say "unpacking it"
  rm -rf "$engine" "$part/root"
  unpack "$part" "$part/root"
  "$part/root"/usr/lib/postgresql/*/bin/postgres --version >>"$log" 2>&1 || fail_with_log "$log" "what was unpacked does not run."
  (cd "$part/archives" && ls *.deb) >"$part/root/packages"
  mv "$part/root" "$engine"
  rm -rf "$part"
  say "$package is ready"
}

# Prints the newest postgresql-NN-documentdb of the first suite that has one.
find_package() {
  local part=$1 mirror=$2 log=$1/log suite package reached=
  for suite in "${suites[@]}"; do
    if ! take_suite "$part" "$mirror" "$suite"; then
      # Other suites of an archive that does not answer need not be asked.
      ! grep -qE 'Could not (connect|resolve)|Connection (failed|timed out)|Temporary failure resolving' "$log" || break
      continue
    fi
    reached+=" $suite"
    package=$(apt "$part" apt-cache pkgnames postgresql- | grep -xE 'postgresql-[0-9]+-documentdb' | sort -V | tail -1)
    [ -z "$package" ] || { echo "$package"; return; }
  done
  [ -n "$reached" ] || fail_with_log "$log" \
    "Debian's archive at $mirror could not be reached. If there is another, set OUTRIDER_DEBIAN_MIRROR to it."
  fail "there is no postgresql-NN-documentdb in$reached at $mirror any more." \
    "Set OUTRIDER_DEBIAN_SUITE to a suite that has it."
}

# apt checks what it downloads against the signed lists. On a terminal, says how far it is.
download() {
  local part=$1 package=$2 ticker=
  if [ -t 3 ]; then
    while sleep 1 && kill -0 $$; do
      printf '\rmongodb engine: %s MB ' "$(du -sm "$part/archives" | cut -f1)" >&3
    done 9>&- &
    ticker=$!
  fi
  local status=0
  apt "$part" apt-get install --download-only -y --no-remove "$package" || status=$?
  [ -z "$ticker" ] || { kill "$ticker"; printf '\r' >&3; }
  return $status
}

claim_installed() {
  local part=$1 package=$2 postgis rum libraries
  postgis=$(apt "$part" apt-cache depends "$package" | grep -oE 'postgresql-[0-9]+-postgis-[0-9]+' | head -1 || true)
  rum=${package/documentdb/rum}
  # The geographic libraries of PostGIS that are only linked by parts that DocumentDB does not load.
  libraries=$([ -z "$postgis" ] || apt "$part" apt-cache show "$postgis" | grep -oE 'lib(gdal|sfcgal)[0-9]+' | sort -u)
  local name
  for name in $libraries "$rum" "${left_out[@]}"; do
    printf '%s\n' "Package: $name" 'Status: install ok installed' 'Priority: optional' 'Section: misc' \
      'Maintainer: none <none@localhost>' 'Architecture: all' 'Multi-Arch: foreign' 'Version: 99999:0' 'Description: none' ''
  done >"$part/status"
}

unpack() {
  local part=$1 root=$2 name archive
  mkdir -p "$root"/usr/{lib,lib64,bin,sbin}
  for name in lib lib64 bin sbin; do ln -s "usr/$name" "$root/$name"; done
  for archive in "$part"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$root" --no-same-owner --keep-directory-symlink \
      --exclude=./usr/share/{doc,man,locale,lintian} --exclude='*/bitcode'
  done
  # What update-alternatives does in PostGIS' installation, and without its sixty upgrade scripts.
  local extensions
  extensions=$(echo "$root"/usr/share/postgresql/*/extension)
  ln -sf "$(cd "$extensions" && ls postgis-[0-9].control)" "$extensions/postgis.control"
  find "$extensions" \( -name 'postgis*--*--*.sql' -o -name 'postgis_*' -o -name 'address_*' \) -delete
  # The machine's C library may be older: each program is run by the loader that came with it.
  local program programs
  programs=$(echo "$root"/usr/lib/postgresql/*/bin)
  for program in postgres initdb; do
    mv "$programs/$program" "$programs/$program.real"
    cat >"$programs/$program" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
libraries=$(echo "$here"/../../../*-linux-gnu*)
exec "$(echo "$libraries"/ld-linux-*.so.*)" --library-path "$libraries:$here/../lib" --argv0 "$0" "$0.real" "$@"
WRAPPER
    chmod 755 "$programs/$program"
  done
}

say() { echo "mongodb engine: $1" >&2; }

fail() {
  printf 'mongodb engine: %s\n' "$@" \
    "Or set OUTRIDER_TEST_MONGODB_URI: tests then use that server, and need no engine of their own." >&2
  exit 1
}

fail_with_log() {
  grep -E '^(E|W|Err)|error' "$1" | tail -5 >&2 || tail -5 "$1" >&2
  fail "${@:2}"
}

exec 3>&2
main
