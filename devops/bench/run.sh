#!/usr/bin/env bash
# Installs and builds what Outrider is measured against, and measures. ROUNDS=n for other than 5 rounds.
set -euo pipefail
cd "$(dirname "$0")/../.."

devops/setup.sh golang-go golang-google-grpc-dev nghttp2-client nghttp2-server g++ libgrpc++-dev protobuf-compiler-grpc
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r devops/bench/requirements.txt

mkdir -p .generated/bench
# Debian's Go packages are sources below /usr/share/gocode.
(cd devops/bench/peers && GO111MODULE=off GOPATH=/usr/share/gocode go build -o ../../../.generated/bench/peers .)
swift build -c release --static-swift-stdlib --product echo-server
swift build -c release --static-swift-stdlib --product store-bench
swift build -c release --static-swift-stdlib --package-path devops/bench/grpc-swift \
  --scratch-path .generated/bench/grpc-swift
cpp=.generated/bench/cpp
if [ ! -x .generated/bench/cpp-echo ] || [ devops/bench/peers/cpp/echo.cc -nt .generated/bench/cpp-echo ]; then
  mkdir -p $cpp
  protoc -I devops/bench/peers/cpp --cpp_out=$cpp --grpc_out=$cpp \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" echo.proto
  # shellcheck disable=SC2046 -- flags, each a word
  g++ -std=c++17 -O2 -I$cpp -o .generated/bench/cpp-echo devops/bench/peers/cpp/echo.cc $cpp/*.cc \
    $(pkg-config --cflags --libs grpc++ grpc protobuf) -lgpr -lpthread
fi

exec devops/mongodb/engine.sh with .venv/bin/python devops/bench/bench.py "$@"
