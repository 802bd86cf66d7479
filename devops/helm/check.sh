#!/usr/bin/env bash
# Checks the charts, and everything that is made of them. Usage: devops/helm/check.sh [EXECUTABLE OF OUTRIDER]
# Without an executable, that of a build is taken; without a build, what needs it is left out, and said so.
set -euo pipefail
cd "$(dirname "$0")/../.."

executable=${1:-}
[ -z "$executable" ] || executable=$(realpath "$executable")
for built in .build/release/outrider .build/debug/outrider; do
  [ -n "$executable" ] || [ ! -x $built ] || executable=$PWD/$built
done

devops/helm/tools.sh
PYTHONPATH=devops/helm exec .tools/python/bin/python -m checks $executable
