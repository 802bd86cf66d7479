#!/usr/bin/env bash
# Usage: devops/soak/run.sh MINUTES [PART...]
#
#   sizes       tests of many domains and many parked aggregates, at the size that is promised
#   addresses   the tests under AddressSanitizer, with a build of their own
#   load        MINUTES of calls, and a failure if memory grows; beside it as many of history checks
#   channels    100,000 commands while RabbitMQ, Kafka, the event store and every process are killed in turn;
#               then 100 takeovers between relays. COMMANDS and TAKEOVERS in the environment set other numbers
#   sagas       100,000 transfers by a saga while every process is killed in turn: most in one process on SQLite, the
#               others in sidecars apart on MongoDB. TRANSFERS in the environment sets another number
#   versions    an earlier version is replaced, process after process, under load: EARLIER=REV, or the commit before
#   eventuate   50,000 transfers by event handlers that speak STOMP and REST alone, the same way; TRANSFERS, too
#
# Without a PART, all of them.
set -euo pipefail
cd "$(dirname "$0")/../.."

minutes=$1
shift
parts=("$@")
[ $# != 0 ] || parts=(sizes addresses load channels sagas eventuate versions)

sizes() {
  swift build --build-tests --explicit-target-dependency-import-check error
  OUTRIDER_TEST_FULL_SIZE=1 devops/mongodb/engine.sh with \
    swift test --skip-build --filter 'ManyDomainsTests|ManyParkedTests'
}

# The tests are not asked what leaks: what a global holds in an enum, as NIO's do, has a tag in its pointer, and
# counts as lost.
addresses() {
  swift build --scratch-path .build-asan --sanitize address --explicit-target-dependency-import-check error --build-tests
  ASAN_OPTIONS=detect_leaks=0 devops/mongodb/engine.sh with \
    .build-asan/debug/outriderPackageTests.xctest --testing-library swift-testing >.build-asan/tests.log 2>&1 ||
    { grep -E 'recorded an issue|^Test run|with .* issue' .build-asan/tests.log; exit 1; }
  export LSAN_OPTIONS=suppressions=$PWD/devops/soak/leaks.suppressions:print_suppressions=0
  .venv/bin/python devops/soak/leaks.py .build-asan/debug
  ASAN_OPTIONS=detect_leaks=1 OUTRIDER_TEST_EXECUTABLE=.build-asan/debug/outrider devops/mongodb/engine.sh with \
    .venv/bin/pytest -q --timeout 900 Tests/e2e
}

load() {
  devops/build.sh interop-server interop-client history-worker outrider
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  .venv/bin/python Tests/history/soak.py --minutes "$minutes" &
  .venv/bin/python devops/soak/soak.py .build/release --minutes "$minutes"
  wait $!
}

channels() {
  devops/build.sh outrider
  .venv/bin/python Tests/history/channel_soak.py --commands "${COMMANDS:-100000}" --takeovers "${TAKEOVERS:-100}"
}

sagas() {
  devops/build.sh outrider
  .venv/bin/python Tests/history/transfer_soak.py sagas --transfers "${TRANSFERS:-100000}"
}

versions() {
  devops/build.sh outrider
  OUTRIDER_TEST_EARLIER=$(devops/bench/earlier.sh "${EARLIER:-HEAD~1}") OUTRIDER_TEST_EXECUTABLE=.build/release/outrider \
    .venv/bin/pytest -s Tests/e2e/test_rolling_restart.py
}

eventuate() {
  devops/build.sh outrider
  .venv/bin/python Tests/history/transfer_soak.py eventuate --transfers "${TRANSFERS:-50000}"
}

for part in "${parts[@]}"; do
  case $part in
    sizes | addresses | load | channels | sagas | eventuate | versions) "$part" ;;
    *) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0" >&2; exit 2 ;;
  esac
done
