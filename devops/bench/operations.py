"""Measures what operators do: restarts of one replica after the other, rebuilds, starts, and deployments that idle."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

from grpc_health.v1 import health_pb2, health_pb2_grpc
from listening import free_address
from loading import load
from logic import logic
from outrider.v1 import rebuilds_pb2, rebuilds_pb2_grpc
from running import running
from sidecar import TOP
from subject import PEERS, SCRATCH
from usage import cpu_seconds, resident_bytes

RATE = 1000  # commands a second while replicas are restarted
BESIDE = 200  # commands a second beside a rebuild
PROJECTOR_IN_PYTHON = [sys.executable, TOP / "devops/bench/projecting.py"]
AGGREGATES, EVENTS = 2000, 200_000  # of the log that is projected anew; at least so many events
THROTTLE = 20_000  # events a second
IDLE_SECONDS = 20
ROLES = ["command-handler", "query-handler", "projector", "saga", "relay", "gateway"]
CALLS_OF = {"query-handler": ["reads"], "gateway": ["requests"]}  # besides commands, what a role is asked
CONFIGURATION = """\
domains:
  - name: bank
    logic: {{address: "{0}"}}
    projectors: [{{name: balance, address: "{0}"}}]
sagas:
  - {{name: transfers, domains: [bank], logic: {{address: "{0}"}}}}
"""


def measure_rolling(subject):
    """Two replicas of each role; under load, one is restarted after the other, role by role."""
    with logic() as address, deployment(subject, address) as replicas, steady(replicas, RATE) as phase:
        phase(5)
        quiet = phase(5)["commands"]
        subject.note(f"{RATE} commands/s, two replicas of each role: p99, ms", quiet["p99_ms"])
        for role in ROLES:
            for replica in replicas[role]:
                restart(replica, role)
            outcomes = phase(1)
            name = f"{role}s restarted at {RATE} commands/s"
            for kind in ["commands", *CALLS_OF.get(role, [])]:
                subject.note(f"{name}: {kind} that a retry hid", outcomes[kind]["hidden"])
                subject.note(f"{name}: {kind} that failed", outcomes[kind]["failed"])
            subject.note(f"{name}: commands' p99, ms", outcomes["commands"]["p99_ms"])


def measure_rebuild(subject):
    """A projection is made anew by logic in Go and in Python; and what commands notice of it."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data, logic() as address:
        with subject.sidecar(data, address=address, options=["--projector-enabled=false"]) as sidecar:
            count = 0
            while count < EVENTS:
                count += load("record", sidecar.addresses["command-handler"], 256, sidecar.process.pid,
                              f"-aggregates={AGGREGATES}", "-duration=2s")["total"]
        name = f"Rebuild of {EVENTS:,} events or more in {AGGREGATES:,} aggregates, logic in"
        with subject.sidecar(data, address=address) as sidecar:
            settle(sidecar)
            before = cpu_seconds(sidecar.process.pid)
            subject.note(f"{name} Go: events/s", count / rebuilt(sidecar))
            subject.note(f"{name} Go: server CPU, µs each", (cpu_seconds(sidecar.process.pid) - before) / count * 1e6)
        projector = free_address()
        with running(PROJECTOR_IN_PYTHON, projector, OUTRIDER_PROJECTOR_ADDRESS=projector):
            with subject.sidecar(data, address=address, options=[f"--projector-address={projector}"]) as sidecar:
                subject.note(f"{name} Python: events/s", count / rebuilt(sidecar))
        with subject.sidecar(data, address=address) as sidecar:
            settle(sidecar)
            replicas = {"command-handler": [sidecar]}
            with steady(replicas, BESIDE) as phase:
                phase(2)
                subject.note(f"{BESIDE} commands/s: p99, ms", phase(10)["commands"]["p99_ms"])
                for what, throttle in (("a rebuild", 0), (f"a rebuild of {THROTTLE:,} events/s at most", THROTTLE)):
                    rebuilt(sidecar, throttle)
                    subject.note(f"{BESIDE} commands/s beside {what}: p99, ms", phase(0)["commands"]["p99_ms"])


def measure_idle(subject):
    """Each role by itself with nothing to do: from its start until it says that it serves; memory; CPU. And one look at
    all of them."""
    with logic() as address, deployment(subject, address, replicas=1) as replicas:
        load("handle", replicas["command-handler"][0].addresses["command-handler"], 1, 0, "-duration=1s")
        for role, (replica,) in replicas.items():
            subject.note(f"{role}, start to ready, ms", restart(replica, role) * 1e3)
        time.sleep(5)
        before = {role: thread_seconds(replica.process.pid) for role, (replica,) in replicas.items()}
        time.sleep(IDLE_SECONDS)
        for role, (replica,) in replicas.items():
            used = thread_seconds(replica.process.pid) - before[role]
            subject.note(f"{role}, idle: memory, MB", resident_bytes(replica.process.pid) / 1e6)
            subject.note(f"{role}, idle: CPU, ms in a second", used / IDLE_SECONDS * 1e3)
        addresses = [replicas[role][0].addresses[role] for role in ROLES[:4]]
        seconds = statistics.median(timed([subject.executable, "status", *addresses]) for _ in range(5))
        subject.note("`outrider status` of four roles: ms", seconds * 1e3)


def thread_seconds(pid):
    """The processor time of its threads that live, which the kernel counts in nanoseconds."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def timed(command):
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 2), done.stdout + done.stderr
    return time.monotonic() - began


# What is measured is run by these


@contextmanager
def deployment(subject, logic, replicas=2):
    """Replicas of each role on one store, by role; each keeps its port."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=SCRATCH)))
        configuration = directory / "shop.yaml"
        configuration.write_text(CONFIGURATION.format(logic))
        started = {}
        for role in ROLES:
            options = [[] for _ in range(replicas)]
            if role in ("saga", "gateway"):
                options = [[f"--command-handler={each.addresses['command-handler']}"]
                           for each in started["command-handler"]]
            if role == "relay":
                options = [[f"--channel={os.environ['OUTRIDER_TEST_RABBITMQ_URI']}"]] * replicas
            started[role] = []
            for each in options:
                port = free_address().split(":")[1]
                sidecar = subject.sidecar(directory / "data", role=role, config=configuration,
                                  options=[f"--port-{role}={port}", *each])
                started[role].append(stack.enter_context(sidecar))
        yield started


def restart(replica, role):
    """As an orchestrator does it: the next one waits until this one is ready. How long that took, in seconds."""
    assert replica.stop(60) == 0, replica.text
    began = time.monotonic()
    replica.start()
    with replica.channel(role) as channel:
        while not (is_healthy(replica) if role == "gateway" else serves(channel)):
            time.sleep(0.002)
    return time.monotonic() - began


def serves(channel):
    asked, serving = health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse.SERVING
    return health_pb2_grpc.HealthStub(channel).Check(asked, timeout=10).status == serving


def is_healthy(gateway):
    try:
        with urllib.request.urlopen(f"http://{gateway.addresses['gateway']}/healthz", timeout=10):
            return True
    except urllib.error.HTTPError:
        return False


@contextmanager
def steady(replicas, rate):
    """A client that makes calls at a steady rate. A function that waits for so many seconds, then ends a phase: what
    became of its calls, by kind."""
    addresses = {role: ",".join(each.addresses[role] for each in replicas.get(role, []))
                 for role in ("command-handler", "query-handler", "gateway") if role in replicas}
    client = subprocess.Popen(
        [PEERS, "steady", "-domain=bank", f"-rate={rate}", *(f"-{role}s={where}" for role, where in addresses.items())],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def phase(seconds):
        time.sleep(seconds)
        print(file=client.stdin, flush=True)
        return json.loads(client.stdout.readline())

    try:
        yield phase
    finally:
        client.kill()
        client.wait()


def settle(sidecar):
    """Waits until the live projections are level with the log."""
    with sidecar.channel("projector") as channel:
        rebuilds = rebuilds_pb2_grpc.RebuildsStub(channel)
        wait_until_level(rebuilds, rebuilds_pb2.ProjectionGeneration.ROLE_LIVE)


def rebuilt(sidecar, throttle=0):
    """Makes the projections anew, and drops them. How long it took until they were level with the log, in seconds."""
    settle(sidecar)
    with sidecar.channel("projector") as channel:
        rebuilds = rebuilds_pb2_grpc.RebuildsStub(channel)
        began = time.monotonic()
        rebuilds.Start(rebuilds_pb2.StartRebuildRequest(
            projector="balance", domain="bank", events_per_second=throttle))
        wait_until_level(rebuilds, rebuilds_pb2.ProjectionGeneration.ROLE_CANDIDATE)
        seconds = time.monotonic() - began
        rebuilds.Drop(rebuilds_pb2.DropRebuildRequest(projector="balance", domain="bank"))
    return seconds


def wait_until_level(rebuilds, role, behind=500):
    """Until the generation has come as far as the log, but for what is under way."""
    while True:
        state = rebuilds.Get(rebuilds_pb2.RebuildTarget(projector="balance", domain="bank"), timeout=10)
        for generation in state.generations:
            if generation.role == role and generation.checkpoints:
                if sum(head.number for head in state.heads) - sum(
                        checkpoint.number for checkpoint in generation.checkpoints) <= behind:
                    return
        time.sleep(0.02)
