# What scripts share that unpack a package of Debian's into a cache: no root, nothing installed, the machine's own
# package lists left alone. To be sourced.
#
# OUTRIDER_CACHE           where to keep it (default: ~/.cache/outrider)
# OUTRIDER_DEBIAN_MIRROR   the archive to ask (default: the one that apt is configured with, else deb.debian.org)

mirror_default=http://deb.debian.org/debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

cache() {
  echo "${OUTRIDER_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set: set OUTRIDER_CACHE}/.cache}/outrider}"
}

mirror() {
  local configured
  configured=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null | grep -m1 '/debian/*$' || true)
  configured=${OUTRIDER_DEBIAN_MIRROR:-${configured:-$mirror_default}}
  echo "${configured%/}"
}

# Usage: configure PART ARCHITECTURE. Its own lists, status and archives. An expired Release file is accepted: mirrors
# and snapshots of a moving suite lag, and an old suite's is never renewed.
configure() {
  local part=$1
  mkdir -p "$part"/{lists,archives}/partial
  : >"$part/status"
  cat >"$part/apt.conf" <<CONF
Dir::State::Lists "$part/lists";
Dir::State::status "$part/status";
Dir::State::extended_states "$part/extended_states";
Dir::Cache "$part";
Dir::Log "$part";
Dir::Etc::sourcelist "$part/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "$2";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Debug::NoLocking "true";
quiet "2";
CONF
}

# Usage: apt PART COMMAND ARGUMENT...
apt() {
  local part=$1
  shift
  APT_CONFIG=$part/apt.conf "$@"
}

# Usage: take_suite PART MIRROR SUITE. Fails where the mirror does not have it; PART/log says why.
take_suite() {
  echo "deb [signed-by=$keyring] $2 $3 main" >"$1/sources.list"
  apt "$1" apt-get update --error-on=any >"$1/log" 2>&1
}
