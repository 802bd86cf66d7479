#!/usr/bin/env bash
# Builds or tests a package that depends on this repository, as its users do. All such packages share one folder,
# .build-clients, so that what they depend on is built once. Usage: clients/swift/package.sh build|test PACKAGE [OPTION...]
set -euo pipefail
cd "$(dirname "$0")/../.."
# SwiftPM takes the plan that it finds in the folder, also that of another package.
rm -f .build-clients/debug/description.json
exec swift "$1" --package-path "$2" --scratch-path .build-clients "${@:3}"
