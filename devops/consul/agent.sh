#!/usr/bin/env bash
# A Consul agent of one's own, for development and tests. See README.md.
#
#   agent.sh run [DIR] [OPTIONS]      serve the data in DIR until Ctrl-C
#   agent.sh start DIR [OPTIONS]      serve in the background; prints HOST:PORT, and with --tls a second one
#   agent.sh stop DIR                 stop it; what was put stays in DIR
#   agent.sh kill DIR                 SIGKILL all its processes, as a crash would
#   agent.sh uri DIR                  print HOST:PORT of a running one
#   agent.sh kv DIR ARGUMENTS...      consul kv
#   agent.sh with [OPTIONS] COMMAND...
#       run COMMAND with a fresh one in CONSUL_HOST; an address that is set there stays
#
# agent.sh start --help lists the options.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

case ${1:-} in
  '' | help | -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"; exit ;;
esac
OUTRIDER_CONSUL=$("$here/fetch.sh") && export OUTRIDER_CONSUL
PYTHONPATH=$here/.. exec python3 -m consul "$@"
