#!/usr/bin/env bash
# Builds the package of clients/swift/README.md by itself, and the service in Swift of examples/customers-and-orders, and
# runs their tests and what the README shows. Usage: clients/swift/check.sh EXECUTABLE
set -euo pipefail
cd "$(dirname "$0")/../.."
python3 clients/swift/readme.py
for package in clients/swift/Example examples/customers-and-orders/swift; do
  clients/swift/package.sh test $package
done
OUTRIDER_TEST_EXECUTABLE=$1 .venv/bin/python -m pytest --timeout 120 clients/swift/e2e
