#!/usr/bin/env bash
# Checks the types of clients/python, and runs its tests. Usage: clients/python/check.sh EXECUTABLE
set -euo pipefail
cd "$(dirname "$0")/../.."
python=.venv/bin/python
$python clients/python/tests/readme.py >/dev/null
$python -m mypy --config-file clients/python/pyproject.toml
OUTRIDER_TEST_EXECUTABLE=$1 $python -m pytest -c clients/python/pyproject.toml \
  clients/python/tests examples/customers-and-orders/python
