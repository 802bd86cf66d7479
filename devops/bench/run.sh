#!/usr/bin/env bash
# Measures rows of the bench, all unless told otherwise: devops/bench/run.sh [ROW]... [--output FILE]
# ROUNDS=n for other than 5 rounds.
# Beside peers, which it installs and builds. With AGAINST=REV, beside the executable of that revision instead.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=.generated/bench

devops/setup.sh golang-go golang-google-grpc-dev
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r devops/bench/requirements.txt

mkdir -p $scratch
# Debian's Go packages are sources below /usr/share/gocode.
(cd devops/bench/peers && GO111MODULE=off GOPATH=/usr/share/gocode go build -o "../../../$scratch/peers" .)

if [ "${AGAINST:-}" ]; then
  earlier=$(devops/bench/earlier.sh "$AGAINST")
  set -- --against "$earlier" --named "$(git log -1 --format='%h (%s)' "$AGAINST")" "$@"
else
  devops/setup.sh nghttp2-client nghttp2-server g++ libgrpc++-dev protobuf-compiler-grpc
  devops/build.sh echo-server echo-client store-bench channel-bench schema-bench
  swift build -c release --static-swift-stdlib --package-path devops/bench/grpc-swift \
    --scratch-path $scratch/grpc-swift
  devops/bench/peers/cpp/build.sh $scratch
fi

exec devops/kafka/broker.sh with --memory devops/rabbitmq/broker.sh with devops/mongodb/engine.sh with \
  .venv/bin/python devops/bench/bench.py "$@"
