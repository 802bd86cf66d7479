#!/usr/bin/env bash
# Runs the bank in Java; builds it first if a source is newer. Debian's Java libraries are in /usr/share/java.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=${here%/examples/*}
built=$top/.generated/bank/java
sources=("$here" "$here/../bank.proto" "$top/proto/evented")
classpath=$(printf '/usr/share/java/%s.jar:' grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} \
  netty-{buffer,codec,codec-http,codec-http2,common,handler,resolver,transport} \
  guava perfmark-api protobuf geronimo-annotation-1.3-spec)

if [ ! -e "$built/bank.jar" ] || [ -n "$(find "${sources[@]}" -newer "$built/bank.jar")" ]; then
  rm -rf "$built"
  mkdir -p "$built"/{src,classes}
  protoc -I "$top/proto" -I "$top/examples/bank" --java_out="$built/src" --grpc-java_out="$built/src" \
    --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" evented/evented.proto bank.proto
  javac -d "$built/classes" -cp "$classpath" "$here"/*.java "$built"/src/*/*.java
  jar --create --file "$built/bank.jar" -C "$built/classes" .
fi
exec java -cp "$built/bank.jar:$classpath" BankServer
