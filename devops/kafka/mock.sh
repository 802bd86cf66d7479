#!/usr/bin/env bash
# librdkafka's mock cluster as a process: prints its bootstrap servers, then obeys standard input. See mock.c.
#
#   mock.sh [BROKERS]
set -euo pipefail
cd "$(dirname "$0")"
built=../../.generated/kafka-mock

if [ ! -e $built ] || [ mock.c -nt $built ]; then
  mkdir -p ../../.generated
  cc -O1 -Wall -Wextra -o $built.$$ mock.c -lrdkafka
  mv $built.$$ $built # another one may be built at the same time
fi
exec $built "$@"
