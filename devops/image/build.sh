#!/usr/bin/env bash
# Builds the image as an OCI archive, and tries it. Usage: build.sh EXECUTABLE ARCHIVE
set -euo pipefail
executable=$(realpath "$1")
archive=$(realpath -m "$2")
cd "$(dirname "$0")/../.."

command -v buildah >/dev/null || devops/setup.sh buildah
command -v icupkg >/dev/null || devops/setup.sh icu-devtools
work=.build/image
# Files of other users may lie in the image: as root, or as root of a namespace of one's own.
inside=()
[ "$(id -u)" = 0 ] || inside=(buildah unshare)

"${inside[@]}" devops/image/root.sh "$executable" "$work/root"
find "$work/root" -name 'libicuuc.so.*' | while read -r library; do
  python3 devops/image/saslprep.py "${library##*/}" "${library%/*}"
done
version=$("$executable" version | awk '{ print $NF; exit }')

# Its own storage, so that nothing of the user's is touched. No container runs: there is nothing to RUN.
storing() {
  "${inside[@]}" buildah --storage-driver vfs --root "$PWD/$work/storage" --runroot "$PWD/$work/run" "$@"
}
trap 'storing rm --all >/dev/null 2>&1; storing rmi --all --force >/dev/null 2>&1' EXIT

storing build --isolation chroot --quiet --build-arg "VERSION=$version" --timestamp 0 \
  --file devops/image/Containerfile --tag "outrider:$version" "$work/root" >/dev/null
rm -f "$archive"
storing push --quiet --compression-format zstd --compression-level 19 "outrider:$version" \
  "oci-archive:$archive:outrider:$version"

# What was written, not what it was made of.
container=$(storing from --quiet "oci-archive:$archive")
root=$(storing mount "$container")
storing inspect --type image "outrider:$version" | "${inside[@]}" .venv/bin/python devops/image/try.py "$root" "$archive"

size() { du -ch --apparent-size "$@" | tail -1 | cut -f1; }
printf 'outrider:%s in %s\n  %s compressed; unpacked, the executable %s and its libraries %s\n' \
  "$version" "$archive" "$(size "$archive")" "$(size "$work/root/outrider")" "$(size "$work"/root/lib*)"
