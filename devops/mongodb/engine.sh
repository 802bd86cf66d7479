#!/usr/bin/env bash
# A local MongoDB-compatible server for development and tests. See README.md.
#
#   engine.sh run [DIR] [OPTIONS]      serve the data in DIR until Ctrl-C
#   engine.sh start DIR [OPTIONS]      serve in the background; prints the URI
#   engine.sh stop DIR                 stop it; what was acknowledged stays in DIR
#   engine.sh kill DIR                 SIGKILL all its processes, as a crash would
#   engine.sh uri DIR                  print the URI of a running one
#   engine.sh with COMMAND...          run COMMAND with a fresh one in OUTRIDER_TEST_MONGODB_URI; an URI that is set there stays
#   engine.sh fetch                    only download what the first start would
#
# engine.sh start --help lists the options.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$here/../../.venv/bin/python

case ${1:-} in
  '' | help | -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"; exit ;;
  fetch) exec "$here/fetch.sh" ;;
  with) [ -z "${OUTRIDER_TEST_MONGODB_URI:-}" ] || { shift; exec "$@"; } ;;
esac

cmp -s "$here/../requirements.txt" "$here/../../.venv/requirements.txt" || {
  echo "engine.sh: .venv is missing or old: run make setup" >&2
  exit 1
}
case $1 in
  run | start | with) OUTRIDER_MONGODB_ENGINE=$("$here/fetch.sh") && export OUTRIDER_MONGODB_ENGINE ;;
esac
PYTHONPATH=$here exec "$python" -m gateway "$@"
