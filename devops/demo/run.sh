#!/usr/bin/env bash
# Runs the demonstration beside the servers that it needs.
# Usage: run.sh EXECUTABLE one-process|sidecars sqlite|mongodb [bank|transfer|savings|customers-and-orders]
# SEED=n has the last three the same again. PART=swift runs a service of customers-and-orders in Swift.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
demo=("$here/../../.venv/bin/python" "$here/demo.py" "$1" --topology "$2" --example "${4:-bank}")
[ -z "${SEED:-}" ] || demo+=(--seed "$SEED")
if [ "${PART:-}" = swift ]; then
  "$here/../../examples/customers-and-orders/swift/build.sh"
  demo+=(--part swift)
fi
mongodb=("$here/../mongodb/engine.sh" with)
rabbitmq=("$here/../rabbitmq/broker.sh" with)

case $2,$3,${4:-bank} in
  sidecars,*,bank)
    echo "MongoDB and RabbitMQ start, both for development: about 10 s"
    exec "${mongodb[@]}" "${rabbitmq[@]}" "${demo[@]}"
    ;;
  *,mongodb,* | *,customers-and-orders) exec "${mongodb[@]}" "${demo[@]}" --store "$3" ;;
  *) exec "${demo[@]}" --store "$3" ;;
esac
