#!/usr/bin/env bash
# A RabbitMQ of one's own, for development and tests. See README.md.
#
#   broker.sh run [DIR] [OPTIONS]      serve the data in DIR until Ctrl-C
#   broker.sh start DIR [OPTIONS]      serve in the background; prints the URI, and with --tls a second one
#   broker.sh stop DIR                 stop it; what it confirmed stays in DIR
#   broker.sh kill DIR                 SIGKILL all its processes, as a crash would
#   broker.sh uri DIR                  print the URI of a running one
#   broker.sh ctl DIR ARGUMENTS...     rabbitmqctl
#   broker.sh with [OPTIONS] COMMAND...
#       run COMMAND with a fresh one in OUTRIDER_TEST_RABBITMQ_URI; an URI that is set there stays
#
# broker.sh start --help lists the options.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

case ${1:-} in
  '' | help | -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"; exit ;;
esac
PYTHONPATH=$here/.. exec python3 -m rabbitmq "$@"
