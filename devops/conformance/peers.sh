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
  mkdir "$cache/cpp.new"
  (cd "$cache/grpc" && protoc -I. --cpp_out="$cache/cpp.new" --grpc_out=generate_mock_code=true:"$cache/cpp.new" \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" \
    src/proto/grpc/testing/{empty,messages,test}.proto src/proto/grpc/reflection/v1alpha/reflection.proto)
  mv "$cache/cpp.new" "$cache/cpp"
}

# Usage: cpp_program NAME LIBRARIES SOURCE...
cpp_program() {
  local name=$1 libraries=$2
  shift 2
  [ -x "$cache/$name" ] && return
  echo "conformance: building $name"
  # shellcheck disable=SC2046,SC2086
  (cd "$cache/grpc" && g++ -std=c++17 -O1 -w -I. -Iinclude -I"$cache/cpp" -o "$cache/$name.new" "$@" \
    $(pkg-config --cflags --libs grpc++ grpc protobuf) $libraries -lgpr -lpthread)
  mv "$cache/$name.new" "$cache/$name"
}

for peer in "$@"; do
  case $peer in
    go) go_peers ;;
    *) echo "peers.sh: unknown peer $peer" >&2; exit 1 ;;
  esac
done
