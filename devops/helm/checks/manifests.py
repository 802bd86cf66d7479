"""Manifests: against Kubernetes' schemas, against each other, and against checkov's policies."""

import json
import re

import yaml

from checks.helm import CUSTOM, KUBERNETES, RENDERED, TOOLS, manifests, run

#: The oldest that the chart allows, and the newest that is known.
VERSIONS = ["1.30", "1.37"]
#: A service of the release `shop` in its own namespace.
OWN_ADDRESS = re.compile(r"\b(shop-[a-z0-9-]+)\.shop\.svc:(\d+)")
PODS = {"Deployment", "StatefulSet", "Pod"}


def schemas():
    found = []
    files = [*sorted(RENDERED.glob("*.yaml")), KUBERNETES / "namespace.yaml"]
    for version in VERSIONS:
        output = run(TOOLS / "python/bin/kubernetes-validate", "--strict", "-k", version, *files)[1]
        found += [line for line in output.splitlines() if line.split(" ")[0] != "INFO" and not _is_custom(line)]
    return found


def _is_custom(line):
    return any(f"Couldn't find schema for kind {kind} " in line for kind in CUSTOM)


def references():
    """Names that manifests call each other by."""
    found = []
    for name, objects in manifests():
        found += [f"{name}: {problem}" for problem in _References(objects).problems()]
    return found


class _References:
    def __init__(self, objects):
        self.objects = objects
        self.names = [(each["kind"], each["metadata"]["name"]) for each in objects]

    def of(self, *kinds):
        return [each for each in self.objects if each["kind"] in kinds]

    def pods(self):
        """The name, labels and specification of each pod that will be."""
        for each in self.of(*PODS):
            pod = each if each["kind"] == "Pod" else each["spec"]["template"]
            yield each, pod["metadata"].get("labels", {}), pod["spec"]

    def problems(self):
        for kind, name in sorted({each for each in self.names if self.names.count(each) > 1}):
            yield f"{kind} {name} is there twice"
        for owner, labels, pod in self.pods():
            yield from (f"{owner['metadata']['name']}: {problem}" for problem in self.pod_problems(owner, labels, pod))
        for each in self.of("Service", "NetworkPolicy", "PodDisruptionBudget"):
            yield from self.selection_problems(each)
        yield from self.address_problems()
        for each in self.of("HorizontalPodAutoscaler"):
            target = each["spec"]["scaleTargetRef"]
            if (target["kind"], target["name"]) not in self.names:
                yield f"{target['kind']} {target['name']}, which is to be scaled, does not exist"

    def pod_problems(self, owner, labels, pod):
        containers = pod.get("initContainers", []) + pod["containers"]
        volumes = {each["name"] for each in pod.get("volumes", [])}
        volumes |= {each["metadata"]["name"] for each in owner["spec"].get("volumeClaimTemplates", [])}
        account = pod.get("serviceAccountName", "default")
        if account != "default" and ("ServiceAccount", account) not in self.names:
            yield f"service account {account} does not exist"
        if owner["kind"] != "Pod" and not owner["spec"]["selector"]["matchLabels"].items() <= labels.items():
            yield "its selector is not for its own pods"
        for container in containers:
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes:
                    yield f"{container['name']} mounts {mount['name']}, which is no volume"
            ports = {each["name"] for each in container.get("ports", [])}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                port = next((each.get("port") for each in container.get(probe, {}).values() if isinstance(each, dict)), None)
                if isinstance(port, str) and port not in ports:
                    yield f"{probe} of {container['name']} asks port {port}, which is not there"
            numbers = {each["containerPort"] for each in container.get("ports", [])}
            asked = container.get("readinessProbe", {}).get("grpc", {}).get("port")
            if asked is not None and asked not in numbers:
                yield f"readinessProbe of {container['name']} asks port {asked}, which is not there"
        for volume in pod.get("volumes", []):
            name = volume.get("configMap", {}).get("name")
            if name and not name.endswith(("-descriptors", "-schemas")) and ("ConfigMap", name) not in self.names:
                yield f"config map {name} does not exist"
        grace, pause = pod.get("terminationGracePeriodSeconds", 30), self.pause(pod)
        if grace <= pause:
            yield f"its grace period of {grace} s ends before pause and drain of {pause} s"

    def pause(self, pod):
        """Seconds that Outrider takes to stop at most: the sleep before, and the drain."""
        for container in pod["containers"]:
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            for each in self.of("ConfigMap"):
                mounted = [volume.get("configMap", {}).get("name") for volume in pod.get("volumes", [])]
                if each["metadata"]["name"] in mounted and "outrider.yaml" in each["data"]:
                    return sleep + int(yaml.safe_load(each["data"]["outrider.yaml"])["drain-timeout"].removesuffix("s"))
        return 0

    def address_problems(self):
        """Addresses in outrider.yaml that are of the release itself: its services have these ports."""
        services = {each["metadata"]["name"]: [port["port"] for port in each["spec"]["ports"]] for each in self.of("Service")}
        for each in self.of("ConfigMap"):
            for name, port in OWN_ADDRESS.findall(each["data"].get("outrider.yaml", "")):
                if int(port) not in services.get(name, []):
                    yield f"{each['metadata']['name']}: no service listens at {name}:{port}"

    def selection_problems(self, each):
        name, spec = f"{each['kind']} {each['metadata']['name']}", each["spec"]
        if each["kind"] == "Service":
            selector = spec["selector"]
        else:
            selector = spec["podSelector" if each["kind"] == "NetworkPolicy" else "selector"]["matchLabels"]
        chosen = [pod for _, labels, pod in self.pods() if selector.items() <= labels.items()]
        if not chosen:
            yield f"{name} selects no pod"
        ports = {port["name"] for pod in chosen for container in pod["containers"] for port in container.get("ports", [])}
        wanted = [port.get("targetPort", port["port"]) for port in spec.get("ports", [])]
        wanted += [port["port"] for rule in spec.get("ingress", []) for port in rule.get("ports", [])]
        for port in wanted:
            if isinstance(port, str) and port not in ports:
                yield f"{name} is for port {port}, which its pods do not have"


def policies():
    """checkov's findings. Those that stay are justified by annotations in the templates."""
    # It passes over directories whose names begin with a dot, but not over files that are named.
    files = sorted(RENDERED.glob("*.yaml"))
    _, output = run(
        TOOLS / "python/bin/checkov", "--file", *files, "--framework", "kubernetes", "--compact", "--quiet",
        "--skip-download", "--output", "json")
    try:
        report, _ = json.JSONDecoder().raw_decode(output, output.index("{"))
        checked = report["summary"]["passed"]
    except (ValueError, KeyError, TypeError):
        return ["checkov did not report:", *output.splitlines()]
    if checked < 50 * len(files):
        return [f"checkov passed {checked} checks of {len(files)} files: it did not see them all"]
    return [
        f"{failed['file_path']}: {failed['resource']}: {failed['check_id']} {failed['check_name']}"
        for failed in report["results"]["failed_checks"]]
