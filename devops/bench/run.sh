#!/usr/bin/env bash
# Installs and builds what Outrider is measured against, and measures. ROUNDS=n for other than 5 rounds.
set -euo pipefail
cd "$(dirname "$0")/../.."

devops/setup.sh golang-go golang-google-grpc-dev nghttp2-client nghttp2-server g++ libgrpc++-dev protobuf-compiler-grpc
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r devops/bench/requirements.txt

mkdir -p .generated/bench
# Debian's Go packages are sources below /usr/share/gocode.
(cd devops/bench/peers && GO111MODULE=off GOPATH=/usr/share/gocode go build -o ../../../.generated/bench/peers .)
devops/build.sh echo-server echo-client store-bench channel-bench schema-bench
swift build -c release --static-swift-stdlib --package-path devops/bench/grpc-swift \
  --scratch-path .generated/bench/grpc-swift
devops/bench/peers/cpp/build.sh .generated/bench

exec devops/kafka/broker.sh with --memory devops/rabbitmq/broker.sh with devops/mongodb/engine.sh with .venv/bin/python devops/bench/bench.py "$@"
