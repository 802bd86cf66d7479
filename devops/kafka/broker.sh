#!/usr/bin/env bash
# A Kafka-compatible broker of one's own, for development and tests. See README.md.
#
#   broker.sh run [DIR] [OPTIONS]      serve the data in DIR until Ctrl-C
#   broker.sh start DIR [OPTIONS]      serve in the background; prints HOST:PORT
#   broker.sh stop DIR                 stop it; what it acknowledged stays in DIR
#   broker.sh kill DIR                 SIGKILL all its processes, as a crash would
#   broker.sh uri DIR                  print HOST:PORT of a running one
#   broker.sh topic DIR create NAME --partitions N
#   broker.sh topic DIR list           topics, as JSON; `delete NAME` deletes one
#   broker.sh with [OPTIONS] COMMAND...
#       run COMMAND with a fresh one in OUTRIDER_TEST_KAFKA; an address that is set there stays
#
# broker.sh start --help lists the options.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$here/../../.venv/bin/python

case ${1:-} in
  '' | help | -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"; exit ;;
esac
cmp -s "$here/../requirements.txt" "$here/../../.venv/requirements.txt" || {
  echo "broker.sh: .venv is missing or old: run make setup" >&2
  exit 1
}
PYTHONPATH=$here/.. exec "$python" -m kafka "$@"
