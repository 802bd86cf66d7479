#!/usr/bin/env bash
# Runs the bank in Ruby; makes the stubs first if a contract is newer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=${here%/examples/*}
stubs=$top/.generated/bank/ruby
sources=("$here/../bank.proto" "$top/proto/evented")

if [ ! -e "$stubs/bank_pb.rb" ] || [ -n "$(find "${sources[@]}" -newer "$stubs/bank_pb.rb")" ]; then
  mkdir -p "$stubs"
  grpc_tools_ruby_protoc -I "$top/proto" -I "$top/examples/bank" --ruby_out="$stubs" --grpc_out="$stubs" \
    evented/evented.proto bank.proto
fi
exec ruby -I "$stubs" "$here/bank.rb"
