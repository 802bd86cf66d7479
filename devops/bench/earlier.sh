#!/usr/bin/env bash
# Builds the executable of an earlier revision, and prints where it is: devops/bench/earlier.sh REV
# It is kept, and so is the worktree, in which the next revision builds faster.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=.generated/bench/earlier
revision=$(git rev-parse --verify --short=12 "$1^{commit}")
executable=$scratch/outrider-$revision

if [ ! -x "$executable" ]; then
  tree=$scratch/tree
  git worktree prune
  [ -e $tree ] || git worktree add --quiet --detach $tree "$revision" >&2
  git -C $tree checkout --quiet --detach "$revision"
  [ ! -e Package.resolved ] || cp Package.resolved $tree
  $tree/devops/build.sh outrider >&2
  cp $tree/.build/release/outrider "$executable.new"
  mv "$executable.new" "$executable"
fi
echo "$PWD/$executable"
