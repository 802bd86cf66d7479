#!/usr/bin/env bash
# Makes the plain manifests of this folder from the charts, for clusters without Helm.
# Usage: devops/kubernetes/render.sh [DIRECTORY]
set -euo pipefail
cd "$(dirname "$0")/../.."
to=${1:-devops/kubernetes}

devops/helm/tools.sh

# Usage: render FILE CHART RELEASE WHAT [ARGUMENT OF HELM...]
render() {
  local file=$1 chart=$2 release=$3 what=$4
  shift 4
  {
    echo "# $what Made by devops/kubernetes/render.sh: change the charts, not this file."
    .tools/helm template "$release" "devops/helm/$chart" --namespace bank --skip-tests "$@" |
      grep -vE '^ +(app.kubernetes.io/managed-by|helm.sh/chart):|^# Source:'
  } >"$to/$file"
}

render mongodb.yaml mongodb mongodb "A MongoDB for development."
render rabbitmq.yaml rabbitmq rabbitmq "A RabbitMQ for development."
render consul.yaml consul consul "A Consul for development."
render bank-mongodb.yaml outrider bank "The bank on MongoDB." --values devops/helm/examples/minimal-mongodb.yaml
render bank-sqlite.yaml outrider bank "The bank in one pod." --values devops/helm/examples/sqlite.yaml
