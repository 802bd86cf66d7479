"""Measures the gateway: commands and entities over HTTP/1.1, beside the same commands over gRPC, and followers."""

import socket
import tempfile
import time
from contextlib import contextmanager

from loading import load
from logic import logic
from subject import SCRATCH
from usage import resident_bytes

IN_FLIGHT = 64
FOLLOWERS, OF_ONE_ADDRESS = 10_000, 4000


def measure_gateway(subject):
    """New aggregates, with logic that takes next to no time; then followers of the log that have nothing to read."""
    with logic() as address:
        for name, target, role, options in (
                ("gRPC: commands", "handle", "command-handler", []),
                ("REST: commands", "rest-command", "gateway", []),
                ("Eventuate's REST: creates", "eventuate-create", "gateway", ["--eventuate=true"])):
            with serving(subject, address, options) as sidecar:
                result = load(target, sidecar.addresses[role], IN_FLIGHT, sidecar.process.pid)
            subject.note(f"{name}/s, {IN_FLIGHT} in flight", result["per_second"])
            subject.note_load(name, result)
        with serving(subject, address, []) as sidecar:
            load("handle", sidecar.addresses["command-handler"], 1, sidecar.process.pid, "-duration=1s")
            before = resident_bytes(sidecar.process.pid)
            followers = [follow(sidecar.addresses["gateway"], number) for number in range(FOLLOWERS)]
            time.sleep(2)
            each = (resident_bytes(sidecar.process.pid) - before) / FOLLOWERS
            subject.note(f"{FOLLOWERS:,} followers of the log over HTTP: memory of each, KB", each / 1e3)
            for follower in followers:
                follower.close()


def follow(address, number):
    """From one of several addresses of this machine: each has so many ports, and may have so many connections."""
    host, _, port = address.rpartition(":")
    source = f"127.0.1.{1 + number // OF_ONE_ADDRESS}", 0
    follower = socket.create_connection((host, int(port)), source_address=source)
    follower.sendall(b"GET /v1/domains/bank/log?after=1000000 HTTP/1.1\r\nHost: bench\r\n\r\n")
    assert follower.recv(12).endswith(b"200")
    return follower


@contextmanager
def serving(subject, logic, options):
    """A sidecar of all roles on a new SQLite store, without a projector; the gateway may have many connections."""
    options = ["--projector-enabled=false", "--limit-connections=12000", "--limit-connections-per-peer=5000", *options]
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, address=logic, options=options) as sidecar:
            yield sidecar
