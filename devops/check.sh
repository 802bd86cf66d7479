#!/usr/bin/env bash
# What the compiler does not check. Usage: devops/check.sh EXECUTABLE
set -uo pipefail
cd "$(dirname "$0")/.."
executable=$1
failed=0

# Usage: check WHAT COMMAND...
check() {
  local what=$1
  shift
  if output=$("$@" 2>&1); then
    echo "ok      $what"
  else
    echo "FAILED  $what"
    printf '%s\n' "$output" | head -40 | sed 's/^/          /'
    failed=1
  fi
}

layout() {
  swift format lint --strict --recursive Package.swift Sources Tests clients/swift examples/customers-and-orders/swift
}

# Package.swift refuses a target that depends on one of its own layer or above; imports that it
# does not declare were refused by the build.
layers() {
  swift package dump-package >/dev/null
}

# Foundation brings 34 MB of ICU data with it: FoundationEssentials at most.
without_foundation() {
  local symbols
  symbols=$(nm "$executable" | grep -E ' \$s10Foundation[^E]|uloc_|icudt|FoundationInternationalization' | head -5)
  [ -z "$symbols" ] || { printf 'Found in %s:\n%s\n' "$executable" "$symbols"; return 1; }
}

# Time, randomness, waiting, threads and sockets go through `Environment` and the ports, so that a test
# or a simulation can hold them. direct_uses.txt lists the files that reach for them directly, and no others.
direct_uses() {
  local system='ContinuousClock(\.now|\(\))|SystemRandomNumberGenerator|\.random\(in:|Task\.(sleep|detached)|usleep'
  system+='|Dispatch(Queue|Time|Source)|clock_gettime|[^a-zA-Z.]time\(nil\)|pthread_create|getaddrinfo\('
  system+='|[^.a-zA-Z](socket|connect)\(|posix_spawnp?\(|[=:?] \.now\b|[^a-zA-Z]UUID\(\)'
  system+='|scheduleTask|scheduleRepeated|(Client|Server)Bootstrap|MultiThreadedEventLoopGroup'
  local found
  found=$(git grep -nE "$system" -- 'Sources/*.swift' 'clients/swift/Sources/*.swift' | grep -vE "^[^:]+:[0-9]+: *//" \
    | cut -d: -f1 | sort -u | diff <(grep -v '^#' devops/direct_uses.txt) -)
  [ -z "$found" ] || { printf 'Use Environment, or a port (>), or take the file off devops/direct_uses.txt (<):\n%s\n' "$found"; return 1; }
}

# `String` compares by canonical equivalence, and peers and stores by bytes: ids are compared as names.
ids_compared_by_bytes() {
  local id='(ommandID|orrelation|ommand\.id)( \?\? "")?'
  local found
  found=$(git grep -nE "$id\)? *[!=]= |[!=]= *[A-Za-z_.]*$id([^.A-Za-z]|$)" -- 'Sources/*.swift' 'clients/swift/Sources/*.swift' \
    | grep -vE '[!=]= (nil|"")')
  [ -z "$found" ] || { printf 'Compare what .bytewise gives:\n%s\n' "$found"; return 1; }
}

comments_within_100_columns() {
  local found
  found=$(LC_ALL=C.UTF-8 git grep -nE '^.{101}' -- '*.swift' | grep -E '^[^:]+:[0-9]+: *//')
  [ -z "$found" ] || { printf '%s\n' "$found"; return 1; }
}

readme_of_swift() {
  python3 clients/swift/readme.py
}

used_dependencies() {
  swift package dump-package | python3 devops/check_dependencies.py
}

map_of_targets() {
  swift package dump-package | python3 devops/check_docs.py targets
}

check "Swift code is laid out by swift format" layout
check "targets depend on lower layers only" layers
check "every declared dependency is imported" used_dependencies
check "generated code is what proto/ says" devops/generate.sh --check
check "the executable links neither Foundation nor ICU" without_foundation
check "time, randomness and the network are reached through ports" direct_uses
check "ids and correlations are compared by their bytes" ids_compared_by_bytes
check "comments end before column 100" comments_within_100_columns
check "the README of clients/swift shows the files of its example" readme_of_swift
check "every target is on the map of docs/architecture.md" map_of_targets
check "every path and function that documents name exists" python3 devops/check_docs.py paths
check "promtool takes the metrics of a sidecar" .venv/bin/python devops/check_metrics.py "$executable"
check "promtool takes the alerts" promtool check rules devops/helm/outrider/files/alerts.yaml
check "every alert fires as its test says" promtool test rules devops/helm/alerts-test.yaml
exit $failed
