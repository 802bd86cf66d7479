#!/usr/bin/env bash
# Runs the tests under AddressSanitizer; then, for so many minutes and side by side, calls, and fails if memory grows, and
# checks histories of the log and of the whole path. Usage: devops/soak/run.sh MINUTES
set -euo pipefail
cd "$(dirname "$0")/../.."

# Memory, by AddressSanitizer. The tests are not asked what leaks: what a global holds in an enum, as NIO's do, has
# a tag in its pointer, and counts as lost.
swift build --scratch-path .build-asan --sanitize address --explicit-target-dependency-import-check error --build-tests
ASAN_OPTIONS=detect_leaks=0 devops/mongodb/engine.sh with \
  .build-asan/debug/outriderPackageTests.xctest --testing-library swift-testing >.build-asan/tests.log 2>&1 ||
  { grep -E 'recorded an issue|^Test run|with .* issue' .build-asan/tests.log; exit 1; }
export LSAN_OPTIONS=suppressions=$PWD/devops/soak/leaks.suppressions:print_suppressions=0
.venv/bin/python devops/soak/leaks.py .build-asan/debug
ASAN_OPTIONS=detect_leaks=1 OUTRIDER_TEST_EXECUTABLE=.build-asan/debug/outrider devops/mongodb/engine.sh with \
  .venv/bin/pytest -q Tests/e2e

devops/build.sh interop-server interop-client history-worker outrider
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
.venv/bin/python Tests/history/soak.py --minutes "$1" &
.venv/bin/python devops/soak/soak.py .build/release --minutes "$1"
wait $!
