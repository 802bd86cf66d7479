#!/usr/bin/env bash
# Builds the peers of gRPC's interoperability tests from Debian's sources, into a cache that outlives the
# checkout. Usage: devops/conformance/peers.sh go|cpp|cli|http2 ...; prints nothing when all is there.
#
#   go     go-client, go-server (grpc-go 1.33)
#   cpp    cpp-client, cpp-server (gRPC C++ 1.51)
#   cli    grpc_cli (the same)
#   http2  http2-servers/, the servers that misbehave, for a Python with h2 and twisted
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=${OUTRIDER_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/outrider/peers}
mkdir -p "$cache"

# apt with a source list, package lists and archives of its own, so that the system's stay as they are.
fetch() {
  local apt=$cache/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  local key=/usr/share/keyrings/debian-archive-keyring.gpg
  printf "%s [signed-by=$key] http://deb.debian.org/debian bookworm main\n" deb deb-src \
    >"$apt/sources.list"
  local get=(apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=-
    -o Dir::State::lists="$apt/lists" -o Dir::Cache::archives="$apt/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  [ -e "$apt/updated" ] || { "${get[@]}" update && touch "$apt/updated"; }
  "${get[@]}" "$@"
}

# Usage: source_of NAME VERSION ORIGINAL. Leaves the sources in $cache/NAME.
source_of() {
  [ -d "$cache/$1" ] && return
  echo "conformance: fetching the sources of $1 $2"
  (cd "$cache" && fetch source --download-only "$1=$2" && mkdir "$1.new" &&
    tar -xf "$3" -C "$1.new" --strip-components=1 && mv "$1.new" "$1")
}

go_peers() {
  [ -x "$cache/go-server" ] && return
  source_of golang-google-grpc 1.33.3-2 golang-google-grpc_1.33.3.orig.tar.xz
  local path=$cache/gopath
  # The messages' code needs a newer protobuf than the packages that are installed may have.
  (cd "$cache" && fetch download golang-github-golang-protobuf-1-5-dev golang-google-protobuf-dev &&
    for package in golang-*-dev_*.deb; do dpkg -x "$package" newer; done)
  mkdir -p "$path/src/google.golang.org"
  cp -R "$cache"/newer/usr/share/gocode/src/. "$path/src/"
  rm -rf "$path/src/google.golang.org/grpc"
  cp -R "$cache/golang-google-grpc" "$path/src/google.golang.org/grpc"
  echo "conformance: building the Go peers"
  for program in client server; do
    (cd "$path/src/google.golang.org/grpc" &&
      GO111MODULE=off GOPATH=$path:/usr/share/gocode go build -o "$cache/go-$program" ./interop/$program)
  done
}

# The C++ that protoc makes of the messages of TestService and of reflection.
cpp_messages() {
  source_of grpc 1.51.1-3 grpc_1.51.1.orig.tar.gz
  [ -d "$cache/cpp" ] && return
  mkdir -p "$cache/cpp.new"
  (cd "$cache/grpc" && protoc -I. --cpp_out="$cache/cpp.new" \
    --grpc_out=generate_mock_code=true:"$cache/cpp.new" \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" \
    src/proto/grpc/testing/{empty,messages,test}.proto \
    src/proto/grpc/reflection/v1alpha/reflection.proto)
  mv "$cache/cpp.new" "$cache/cpp"
}

# Usage: cpp_program NAME LIBRARIES SOURCE...
cpp_program() {
  local name=$1 libraries=$2
  shift 2
  [ -x "$cache/$name" ] && return
  cpp_messages
  echo "conformance: building $name"
  # shellcheck disable=SC2046,SC2086
  (cd "$cache/grpc" && g++ -std=c++17 -O1 -w -I. -Iinclude -I"$cache/cpp" -o "$cache/$name.new" "$@" \
    test/cpp/util/{test_credentials_provider,test_config_cc}.cc \
    test/core/end2end/data/{server1_cert,server1_key,test_root_cert}.cc \
    $(pkg-config --cflags --libs grpc++ grpc protobuf absl_flags_parse) $libraries -lgpr -lpthread)
  mv "$cache/$name.new" "$cache/$name"
}

cpp_peers() {
  local here=$PWD/devops/conformance messages=("$cache"/cpp/src/proto/grpc/testing/{empty,messages,test}.pb.cc
    "$cache/cpp/src/proto/grpc/testing/test.grpc.pb.cc")
  cpp_program cpp-server "" "$here/test_environment.cc" "${messages[@]}" \
    test/cpp/interop/{interop_server,interop_server_bootstrap,server_helper}.cc
  cpp_program cpp-client "" "$here/test_environment.cc" "${messages[@]}" \
    test/cpp/interop/{client,client_helper,interop_client}.cc test/cpp/util/create_test_channel.cc \
    test/core/util/histogram.cc test/core/security/oauth2_utils.cc
}

grpc_cli() {
  cpp_program grpc_cli -lprotoc "$cache"/cpp/src/proto/grpc/reflection/v1alpha/reflection{,.grpc}.pb.cc \
    test/cpp/util/{grpc_cli,grpc_tool,cli_call,cli_credentials,proto_file_parser}.cc \
    test/cpp/util/{proto_reflection_descriptor_database,service_describer,string_ref_helper}.cc
}

# The servers are written for Python 2, an old h2, and messages that an old protoc made.
http2_servers() {
  [ -d "$cache/http2-servers" ] && return
  source_of grpc 1.51.1-3 grpc_1.51.1.orig.tar.gz
  rm -rf "$cache/http2-servers.new"
  cp -R "$cache/grpc/test/http2_test" "$cache/http2-servers.new"
  (cd "$cache/http2-servers.new" && rm messages_pb2.py && sed -i -E '
    s/not ([A-Za-z_.]+)\.has_key\(([^)]*)\)/\2 not in \1/
    s/([A-Za-z_.]+)\.has_key\(([^)]*)\)/\2 in \1/
    s/(_recv_buffer\[event\.stream_id\]) = '"''"'/\1 = b""/
    s|response_len / 2|response_len // 2|
    s/H2Connection\((client_side=False)\)/H2Connection(h2.config.H2Configuration(\1))/
    s/h2\.events\.PingAcknowledged/h2.events.PingAckReceived/' ./*.py)
  .venv/bin/python -m grpc_tools.protoc -I "$cache/grpc/src/proto/grpc/testing" \
    --python_out="$cache/http2-servers.new" messages.proto
  mv "$cache/http2-servers.new" "$cache/http2-servers"
}

for peer in "$@"; do
  case $peer in
    go) go_peers ;;
    cpp) cpp_peers ;;
    cli) grpc_cli ;;
    http2) http2_servers ;;
    *) echo "peers.sh: unknown peer $peer" >&2; exit 1 ;;
  esac
done
