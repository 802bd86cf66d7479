#!/usr/bin/env bash
# Installs and builds what Outrider is measured against, and measures. ROUNDS=n for other than 3 rounds.
set -euo pipefail
cd "$(dirname "$0")/../.."

devops/setup.sh golang-go golang-google-grpc-dev nghttp2-client nghttp2-server
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r devops/bench/requirements.txt

mkdir -p .generated/bench
# Debian's Go packages are sources below /usr/share/gocode.
(cd devops/bench/peers && GO111MODULE=off GOPATH=/usr/share/gocode go build -o ../../../.generated/bench/peers .)
swift build -c release --static-swift-stdlib --product echo-server
swift build -c release --static-swift-stdlib --product store-bench

exec devops/mongodb/engine.sh with .venv/bin/python devops/bench/bench.py "$@"
