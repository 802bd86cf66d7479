"""kubectl takes every manifest, without a cluster: with `--dry-run=client`, and decoded into Kubernetes' own types.

Custom kinds have no types in kubectl, and their schemas are in a cluster that has the operator. Of them kubectl checks
the name of the kind and the metadata alone.
"""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from checks.helm import CUSTOM, KUBERNETES, RENDERED, TOOLS, run

#: The kinds that manifests may have. Whether each lives in a namespace.
KINDS = {
    "v1": {"ConfigMap": True, "Namespace": False, "Pod": True, "Secret": True, "Service": True, "ServiceAccount": True},
    "apps/v1": {"Deployment": True, "StatefulSet": True},
    "autoscaling/v2": {"HorizontalPodAutoscaler": True},
    "networking.k8s.io/v1": {"NetworkPolicy": True},
    "policy/v1": {"PodDisruptionBudget": True},
    "monitoring.coreos.com/v1": dict.fromkeys(sorted(CUSTOM), True),
}
#: What kubectl says of an object that it would create.
TAKEN = "created (dry run)"
#: What kubectl says of an object that it could not make one of its own types.
NOT_DECODED = "unable to decode"
NO_TYPE = "no kind "


def takes():
    """`kubectl apply --dry-run=client` would create every object."""
    found = []
    with _kinds() as server:
        for file in _files():
            is_right, output = _kubectl(
                "apply", "--server", server, "--dry-run=client", "--validate=false", "--filename", file)
            problems = [line for line in output.splitlines() if not line.endswith(TAKEN)]
            count = sum(bool(each) for each in yaml.safe_load_all(file.read_text()))
            if not is_right or output.count(TAKEN) != count:
                found += [f"{file.name}: {line}" for line in problems or [f"kubectl does not take all {count} objects"]]
    return found


def decodes():
    """Every object fits the type that kubectl has of its kind."""
    found = []
    for file in _files():
        # A change of pods that is kept from everybody: kubectl decodes all objects of a file, and changes those with pods.
        _, output = _kubectl("set", "env", "--local", "--dry-run=client", "--output", "name", "--filename", file, "CHECKED=1")
        found += [f"{file.name}: {line}" for line in output.splitlines() if NOT_DECODED in line and not _is_custom(line)]
    return found


def _is_custom(line):
    return any(f'{NO_TYPE}"{kind}"' in line for kind in CUSTOM)


def _files():
    return [*sorted(RENDERED.glob("*.yaml")), *sorted(KUBERNETES.glob("*.yaml"))]


def _kubectl(*arguments):
    """Without the user's own configuration, and with a cache that nobody else reads."""
    return run(
        TOOLS / "kubectl", "--kubeconfig", "/dev/null", "--cache-dir", TOOLS / "kubectl-cache", *arguments)


@contextlib.contextmanager
def _kinds():
    """A server that knows which kinds there are, and has no objects."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Kinds)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Kinds(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0].strip("/")
        version = path.removeprefix("apis/").removeprefix("api/")
        if path == "api":
            self.answer(200, kind="APIVersions", versions=["v1"])
        elif path == "apis":
            self.answer(200, kind="APIGroupList", apiVersion="v1", groups=[_group(each) for each in KINDS if "/" in each])
        elif version in KINDS:
            resources = [_resource(kind, is_namespaced) for kind, is_namespaced in KINDS[version].items()]
            self.answer(200, kind="APIResourceList", apiVersion="v1", groupVersion=version, resources=resources)
        else:
            self.answer(404, kind="Status", apiVersion="v1", status="Failure", reason="NotFound", code=404)

    def answer(self, status, /, **value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def _group(version):
    known = {"groupVersion": version, "version": version.partition("/")[2]}
    return {"name": version.partition("/")[0], "versions": [known], "preferredVersion": known}


def _resource(kind, is_namespaced):
    name = kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")
    return {"name": name, "singularName": "", "namespaced": is_namespaced, "kind": kind, "verbs": ["create", "get", "patch"]}
