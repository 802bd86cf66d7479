#!/usr/bin/env bash
# Runs the bank in Go; builds it first if a source is newer. Debian's Go packages are sources below /usr/share/gocode.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=${here%/examples/*}
built=$top/.generated/bank/go
sources=("$here" "$here/../bank.proto" "$top/proto/evented")

if [ ! -x "$built/bank" ] || [ -n "$(find "${sources[@]}" -newer "$built/bank")" ]; then
  mkdir -p "$built/src"
  protoc -I "$top/proto" -I "$top/examples/bank" --go_out="$built/src" --go-grpc_out="$built/src" \
    evented/evented.proto bank.proto
  (cd "$here" && GO111MODULE=off GOPATH=$built:/usr/share/gocode go build -o "$built/bank" .)
fi
exec "$built/bank"
