"""Starts the real executable as every rendered pod would, and asks it what Kubernetes' probes would ask."""

import json
import os
import queue
import re
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from checks.helm import CHART, manifests, run

#: What a start, a probe and an end may take, in seconds.
PATIENCE = 120
#: Pods that are started at a time. They mostly wait.
BESIDE_EACH_OTHER = 6
#: Where nobody listens: a start must not wait for store or broker.
AWAY = {"OUTRIDER_STORE": "mongodb://127.0.0.1:1/shop", "OUTRIDER_CHANNEL": "amqp://127.0.0.1:1/", "CONSUL_HTTP_TOKEN": "t"}
PORTS = {1313: "command-handler", 1314: "query-handler", 1315: "projector", 1316: "saga", 1317: "relay", 1380: "gateway"}
ADDRESS = re.compile(r"(command-handler|query-handler|projector|saga|relay|gateway|metrics)(?: +| listens on | are served on )0\.0\.0\.0:(\d+)")
SCHEMA = """[{"type": "record", "name": "order.Placed", "fields": [{"name": "total", "type": "long"}]},
             {"type": "record", "name": "order.Confirm", "fields": []}]"""
#: A descriptor set with one file, a.proto, in which is nothing.
DESCRIPTORS = b"\x0a\x09\x0a\x07a.proto"

#: Settings that the chart makes itself, by the beginnings of their keys.
OF_CHART = (
    "store", "channel", "source", "query-handler", "descriptors", "host", "port.", "tls.", "tokens.", "metrics.listen",
    "drain-timeout", "policy", "domain", "logic.", "schema.", "projector.name", "projector.enabled", "projector.address",
    "projector.coordinator", "projector.synchronous", "command-handler", "routes", "sagas[].name", "sagas[].domains",
    "sagas[].key", "sagas[].style", "sagas[].rules", "sagas[].logic.", "sagas[].coordinator", "sagas[].synchronous")


def settings_are_known(executable):
    """Every setting is made by the chart, or allowed by its schema; and the schema allows no other."""
    is_right, output = run(executable, "settings", "--json")
    if not is_right:
        return [f"{executable} settings failed", *output.splitlines()]
    wanted = {json.loads(line)["key"] for line in output.splitlines()}
    wanted = {key for key in wanted - {"sagas"} if not key.startswith(OF_CHART)}
    schemas = json.loads((CHART / "values.schema.json").read_text())["$defs"]
    allowed = {f"projector.{key}" for key in schemas["projector"]["properties"]["settings"]["properties"]}
    allowed |= {f"sagas[].{key}" for key in schemas["saga"]["properties"]["settings"]["properties"]}
    for key, schema in schemas["settings"]["properties"].items():
        allowed |= {f"{key}.{inner}" for inner in schema["properties"]} if "properties" in schema else {key}
    return [f"values.schema.json does not allow the setting {key}" for key in sorted(wanted - allowed)] + [
        f"values.schema.json allows {key}, which is no setting" for key in sorted(allowed - wanted)]


def pods_start(executable):
    """Each pod of each value set listens, is found alive, answers for its health, and ends when it is told to."""
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(BESIDE_EACH_OTHER) as threads:
        files = _Files(Path(directory))
        starts = [
            (f"{example}: {name}", threads.submit(_start, executable, container, name, objects, files))
            for example, objects in manifests() for name, container in _containers(objects)]
        found = [f"{place}: {line}" for place, start in starts for line in start.result()]
    return found if len(starts) > 10 else [*found, f"only {len(starts)} pods were started"]


def _containers(objects):
    """The container of Outrider of each pod, and the pod's name."""
    for each in objects:
        if each["kind"] in ("Deployment", "StatefulSet"):
            for container in each["spec"]["template"]["spec"]["containers"]:
                if container["name"] == "outrider":
                    yield each["metadata"]["name"], container


class _Files:
    """What secrets and config maps would put below /etc/outrider and elsewhere."""

    def __init__(self, directory):
        self.directory = directory
        for name in ("tls", "keys", "files", "descriptors", "schemas", "rules"):
            (directory / name).mkdir()
        key, certificate = directory / "tls/tls.key", directory / "tls/tls.crt"
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=shop",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
        (directory / "tls/ca.crt").write_bytes(certificate.read_bytes())
        self._openssl("pkey", "-in", key, "-pubout", "-out", directory / "keys/jwks.json")
        (directory / "token").write_text("a.b.c\n")
        (directory / "descriptors/a.pb").write_bytes(DESCRIPTORS)
        for name in ("order", "savings"):
            (directory / f"schemas/{name}.avsc").write_text(SCHEMA)

    def _openssl(self, *arguments):
        is_right, output = run("openssl", *arguments)
        if not is_right:
            raise RuntimeError(f"openssl {arguments[0]} failed: {output}")

    def mount(self, container, data):
        """Writes the rules of sagas that the container mounts out of its config map."""
        for each in container["volumeMounts"]:
            if each["mountPath"].startswith("/etc/outrider/rules/"):
                (self.directory / "rules" / Path(each["mountPath"]).name).write_text(data[each["subPath"]])

    def configuration(self, text):
        """The file of a config map, on free ports and with this directory's paths."""
        data = tempfile.mkdtemp(dir=self.directory)
        for place, own in {"/etc/outrider": self.directory, "/var/lib/outrider": data, "/var/run/outrider": self.directory}.items():
            text = text.replace(f"{place}/", f"{own}/")
        settings = yaml.safe_load(text) | {"port": {role: 0 for role in PORTS.values()}}
        if "metrics" in settings:
            settings["metrics"]["listen"] = "0.0.0.0:0"
        handle, file = tempfile.mkstemp(suffix=".yaml", dir=self.directory)
        with os.fdopen(handle, "w") as stream:
            yaml.safe_dump(settings, stream)
        return file


def _environment(container, objects):
    """The container's variables; what a secret of the values holds as it is, and what others hold by AWAY."""
    secrets = {each["metadata"]["name"]: each["stringData"] for each in objects if each["kind"] == "Secret"}
    variables = {}
    for each in container["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        known = secrets.get(reference["name"], {}).get(reference["key"]) if reference else each["value"]
        variables[each["name"]] = known or AWAY[each["name"]]
    return variables


def _start(executable, container, name, objects, files):
    data = next(each["data"] for each in objects if each["kind"] == "ConfigMap" and each["metadata"]["name"] == name)
    files.mount(container, data)
    environment = _environment(container, objects) | {
        "OUTRIDER_CONFIG": files.configuration(data["outrider.yaml"]), "PATH": os.environ["PATH"]}
    process = subprocess.Popen(
        [executable, *container["args"]], env=environment, cwd=files.directory, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = _Output(process)
    try:
        expected = [PORTS.get(each["containerPort"], "metrics") for each in container["ports"]]
        ports = output.addresses(expected)
        missing = [each for each in expected if each not in ports]
        if missing:
            return [f"{', '.join(missing)} did not begin to listen", *output.lines]
        problems = _probe_problems(executable, container, environment, ports)
        process.terminate()
        if process.wait(PATIENCE) != 0:
            problems.append(f"it ended with {process.returncode}")
        return problems
    finally:
        process.kill()
        process.wait()


class _Output:
    """What a process prints, read beside it."""

    def __init__(self, process):
        self.lines = []
        self._queue = queue.SimpleQueue()
        threading.Thread(target=self._read, args=[process.stdout], daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self._queue.put(line.rstrip())
        self._queue.put(None)

    def addresses(self, expected):
        """The ports of all that is expected to listen, as far as they come within PATIENCE."""
        ports, deadline = {}, time.monotonic() + PATIENCE
        while not set(expected) <= ports.keys():
            try:
                line = self._queue.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if line is None:
                break
            self.lines.append(line)
            ports |= {role: int(port) for role, port in ADDRESS.findall(line)}
        return ports


def _probe_problems(executable, container, environment, ports):
    problems = []
    alive = container["livenessProbe"]
    if "httpGet" in alive:
        scheme = alive["httpGet"]["scheme"].lower()
        url = f"{scheme}://localhost:{ports['metrics']}{alive['httpGet']['path']}"
        try:  # As kubelet does: without a look at the certificate.
            with urllib.request.urlopen(url, timeout=PATIENCE, context=ssl._create_unverified_context()) as answer:
                text = answer.read().decode()
            problems += [] if "outrider_build_info" in text else [f"{url} does not tell metrics"]
        except OSError as error:
            problems.append(f"it is not found alive at {url}: {error}")
    ready = container["readinessProbe"]
    if "exec" in ready:
        command = ready["exec"]["command"][1:]
        asked = int(next(word for word in command if word.startswith("--address=")).rpartition(":")[2])
        own = {"--address": f"localhost:{ports[PORTS[asked]]}", "--config": environment["OUTRIDER_CONFIG"]}
        command = [f"{name}={own.get(name, value)}" if value else name for name, _, value in (word.partition("=") for word in command)]
    elif "httpGet" in ready:
        url = f"{ready['httpGet']['scheme'].lower()}://localhost:{ports['gateway']}{ready['httpGet']['path']}"
        try:
            urllib.request.urlopen(url, timeout=PATIENCE, context=ssl._create_unverified_context()).close()
        except OSError as error:
            problems.append(f"it is not found ready at {url}: {error}")
        return problems
    elif "tcpSocket" in ready:
        return problems
    else:
        command = ["health", f"--address=localhost:{ports[PORTS[ready['grpc']['port']]]}"]
    # Where the store is away it is not serving, and says so.
    _, output = run(executable, *command, env=environment)
    return problems if "SERVING" in output else [*problems, f"its health is not told: {output.strip()}"]
