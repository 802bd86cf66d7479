#!/usr/bin/env bash
# Calls for so many minutes, and fails if memory grows or something leaks; then checks histories of the log for as
# long. Usage: devops/soak/run.sh MINUTES
set -euo pipefail
cd "$(dirname "$0")/../.."

# The flags of `make build`: with others, all would be built anew.
import_check="--explicit-target-dependency-import-check error"

# Where AddressSanitizer's leak check runs, everything that is unreachable at the end is a failure.
for product in interop-server interop-client outrider; do
  swift build --scratch-path .build-asan --sanitize address $import_check --product $product
done
.venv/bin/python devops/soak/leaks.py .build-asan/debug
ASAN_OPTIONS=detect_leaks=1 OUTRIDER_TEST_EXECUTABLE=.build-asan/debug/outrider devops/mongodb/engine.sh with .venv/bin/pytest Tests/e2e

for product in interop-server interop-client history-worker; do
  swift build -c release --static-swift-stdlib $import_check --product $product
done
.venv/bin/python devops/soak/soak.py .build/release --minutes "$1"
.venv/bin/python Tests/history/soak.py --minutes "$1"
