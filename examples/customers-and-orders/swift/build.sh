#!/usr/bin/env bash
# Builds the service of customers in Swift: .build-clients/debug/customers, at the top of the repository.
set -euo pipefail
cd "$(dirname "$0")/../../.."
exec clients/swift/package.sh build examples/customers-and-orders/swift --product customers
