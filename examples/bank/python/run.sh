#!/usr/bin/env bash
# Runs the bank in Python, in the environment that `make setup` made.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "${here%/examples/*}/.venv/bin/python" "$here/bank.py"
