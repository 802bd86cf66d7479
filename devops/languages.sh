#!/usr/bin/env bash
# Installs what the bank example needs in each of its languages, and runs the same tests on all of them.
# Usage: devops/languages.sh [ARGUMENT OF pytest...], such as -k ruby
set -euo pipefail
cd "$(dirname "$0")/.."

go=(golang-go golang-google-grpc-dev golang-github-golang-protobuf-1-5-dev protoc-gen-go protoc-gen-go-grpc)
java=(default-jdk-headless libgrpc-java libprotobuf-java libnetty-java libperfmark-java libguava-java
  libgeronimo-annotation-1.3-spec-java protobuf-compiler-grpc-java-plugin)
cpp=(g++ libgrpc++-dev protobuf-compiler-grpc)
ruby=(ruby-grpc ruby-grpc-tools)

devops/setup.sh "${go[@]}" "${java[@]}" "${cpp[@]}" "${ruby[@]}"
exec .venv/bin/pytest Tests/languages "$@"
