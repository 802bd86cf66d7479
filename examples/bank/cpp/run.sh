#!/usr/bin/env bash
# Runs the bank in C++; builds it first if a source is newer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=${here%/examples/*}
built=$top/.generated/bank/cpp
sources=("$here" "$here/../bank.proto" "$top/proto/evented")

if [ ! -x "$built/bank" ] || [ -n "$(find "${sources[@]}" -newer "$built/bank")" ]; then
  mkdir -p "$built"
  protoc -I "$top/proto" -I "$top/examples/bank" --cpp_out="$built" --grpc_out="$built" \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" evented/evented.proto bank.proto
  # shellcheck disable=SC2046 # flags, each a word
  g++ -std=c++20 -O1 -Wall -I"$built" -o "$built/bank" "$here"/*.cc "$built"/{,evented/}*.cc \
    $(pkg-config --cflags --libs grpc++ protobuf)
fi
exec "$built/bank"
