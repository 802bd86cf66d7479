#!/usr/bin/env bash
# Runs gRPC's interoperability cases against real peers: the core cases with the cheapest of them, or all
# that there is. Usage: devops/conformance/run.sh core|all [ARGUMENT OF conformance.py...]
set -euo pipefail
cd "$(dirname "$0")/../.."
what=$1
shift

go=(golang-go golang-google-grpc-dev)
cpp=(g++ libgrpc++-dev protobuf-compiler-grpc libabsl-dev libprotoc-dev)
case $what in
  core)
    devops/setup.sh ruby-grpc "${go[@]}"
    devops/conformance/peers.sh go
    exec .venv/bin/python devops/conformance/conformance.py --peers go,ruby "$@"
    ;;
  all)
    devops/setup.sh ruby-grpc "${go[@]}" "${cpp[@]}"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r devops/conformance/requirements.txt
    devops/conformance/peers.sh go cpp cli http2
    exec .venv/bin/python devops/conformance/conformance.py --peers go,ruby,cpp,http2,grpc_cli "$@"
    ;;
  *)
    echo "usage: run.sh core|all" >&2
    exit 1
    ;;
esac
