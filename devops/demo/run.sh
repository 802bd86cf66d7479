#!/usr/bin/env bash
# Runs the demonstration beside the servers that it needs.
# Usage: run.sh EXECUTABLE one-process|sidecars sqlite|mongodb [bank|transfer]; SEED=n has transfer the same again
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
demo=("$here/../../.venv/bin/python" "$here/demo.py" "$1" --topology "$2" --example "${4:-bank}")
[ -z "${SEED:-}" ] || demo+=(--seed "$SEED")
mongodb=("$here/../mongodb/engine.sh" with)
rabbitmq=("$here/../rabbitmq/broker.sh" with)

case $2,$3 in
  sidecars,*)
    echo "MongoDB and RabbitMQ start, both for development: about 10 s"
    exec "${mongodb[@]}" "${rabbitmq[@]}" "${demo[@]}"
    ;;
  *,mongodb) exec "${mongodb[@]}" "${demo[@]}" --store mongodb ;;
  *) exec "${demo[@]}" --store "$3" ;;
esac
