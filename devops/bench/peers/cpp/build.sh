#!/usr/bin/env bash
# Builds cpp-echo, if a source is newer. Usage: devops/bench/peers/cpp/build.sh DIRECTORY
set -euo pipefail
here=$(dirname "$0")
program=$1/cpp-echo
generated=$1/cpp

[ -x "$program" ] && [ -z "$(find "$here" -newer "$program" -type f)" ] && exit
mkdir -p "$generated"
protoc -I "$here" --cpp_out="$generated" --grpc_out="$generated" \
  --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" echo.proto
# shellcheck disable=SC2046 -- flags, each a word
g++ -std=c++17 -O2 -I"$generated" -o "$program" "$here"/*.cc "$generated"/*.cc \
  $(pkg-config --cflags --libs grpc++ grpc protobuf) -lgpr -lpthread
