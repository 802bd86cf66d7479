#!/bin/sh
# Builds products for release: devops/build.sh PRODUCT... All share these flags: with others, SwiftPM would build
# everything anew.
set -eu
cd "$(dirname "$0")/.."
for product in "$@"; do
  swift build -c release --static-swift-stdlib --explicit-target-dependency-import-check error --product "$product"
done
