#!/usr/bin/env bash
# Installs what a build, the example and the tests need, and makes the Python stubs.
# Does nothing, quickly, when all is there. Debian 12 and its like.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev
  libsqlite3-dev libyaml-dev zlib1g-dev libssl-dev libmongoc-dev librabbitmq-dev librdkafka-dev
  rabbitmq-server prometheus pkg-config python3 python3-venv openssl sqlite3
)
requirements=devops/requirements.txt
python=.venv/bin/python
stubs=.generated/python

fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

# Usage: install_packages PACKAGE...
install_packages() {
  command -v apt-get >/dev/null || fail \
    "these packages are missing, and there is no apt-get to install them:" "  $*" \
    "Install what they hold with your system's package manager, then run make setup again."
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "not root, and no sudo. As root: apt-get install $*"
    root=(sudo)
  fi
  echo "setup: installing $*"
  # An archive directory of its own: another apt run that cleans the shared one takes nothing away.
  local archives
  archives=$(mktemp -d)
  chmod 755 "$archives"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update
  # Packages of brokers start a service where nobody forbids it; those who want a broker run their own.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e $policy ]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin $policy
  fi
  local status=0
  "${apt[@]}" -o Dir::Cache::archives="$archives" install -y --no-install-recommends "$@" || status=$?
  "${root[@]}" rm -rf "$archives" $ours
  return $status
}

# The packages named that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx "installed $package" <<<"$installed" || echo "$package"
  done
}

command -v swift >/dev/null || fail \
  "there is no swift on the PATH. Outrider needs Swift 6.3: https://swift.org/install"

mapfile -t missing < <(missing_packages "${packages[@]}" "$@")
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

if ! cmp -s $requirements .venv/requirements.txt; then
  echo "setup: installing $requirements into .venv"
  python3 -m venv --clear .venv
  $python -m pip install --quiet --disable-pip-version-check -r $requirements
  cp $requirements .venv/requirements.txt
fi
# The environment finds stubs and the tests' own modules by itself, so nobody sets PYTHONPATH.
printf "%s\n" "$PWD/clients/python/src" "$PWD/$stubs" "$PWD/Tests/Support/python" \
  >"$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/stubs.pth"

# Outrider's own stubs are committed, in clients/python; here are those of the examples and of that client's tests. The
# health service's come from PyPI: a package `grpc` of ours would hide gRPC itself.
mapfile -t described < <(find proto/evented proto/outrider examples clients/python/tests -name '*.proto' | sort)
mapfile -t protos < <(find examples clients/python/tests -name '*.proto' | sort)
if [ ! -e $stubs ] || [ -n "$(find "${described[@]}" $requirements -newer $stubs)" ]; then
  echo "setup: generating Python stubs into $stubs"
  rm -rf $stubs
  mkdir -p $stubs
  mapfile -t directories < <(dirname "${protos[@]}" | sort -u)
  protoc=("$python" -m grpc_tools.protoc -I proto "${directories[@]/#/-I}")
  "${protoc[@]}" --python_out=$stubs --pyi_out=$stubs "${protos[@]}"
  "${protoc[@]}" --include_imports --descriptor_set_out=.generated/bank.pb "${described[@]}"
  touch $stubs
fi
