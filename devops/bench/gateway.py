"""Measures the gateway: commands and entities over HTTP/1.1, beside the same commands over gRPC, and followers."""

import socket
import tempfile
import time

from echo import PEERS, SCRATCH
from listening import free_address
from loading import load
from running import running
from sidecar import TOP, Sidecar
from usage import resident_bytes

OUTRIDER = TOP / ".build/release/outrider"
IN_FLIGHT = 64
FOLLOWERS, OF_ONE_ADDRESS = 10_000, 4000


def measure_gateway(note):
    """New aggregates, with logic that takes next to no time; then followers of the log that have nothing to read."""
    address = free_address()
    with running([PEERS, "logic"], address, OUTRIDER_LOGIC_ADDRESS=address):
        for name, target, role, options in (
                ("gRPC: commands", "handle", "command-handler", []),
                ("REST: commands", "rest-command", "gateway", []),
                ("Eventuate's REST: creates", "eventuate-create", "gateway", ["--eventuate=true"])):
            with sidecar(address, options) as process:
                result = load(target, process.addresses[role], IN_FLIGHT, process.process.pid)
            note(f"{name}/s, {IN_FLIGHT} in flight", "Outrider", result["per_second"])
            note(f"{name}: server CPU, µs each", "Outrider", result["server_cpu_us"])
            note(f"{name}: p50, ms", "Outrider", result["p50_ms"])
            note(f"{name}: p99, ms", "Outrider", result["p99_ms"])
        with sidecar(address, []) as process:
            load("handle", process.addresses["command-handler"], 1, process.process.pid, "-duration=1s")
            before = resident_bytes(process.process.pid)
            followers = [follow(process.addresses["gateway"], number) for number in range(FOLLOWERS)]
            time.sleep(2)
            note(f"{FOLLOWERS:,} followers of the log over HTTP: memory of each, KB", "Outrider",
                 (resident_bytes(process.process.pid) - before) / FOLLOWERS / 1e3)
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


class sidecar:
    """A sidecar of all roles on a new SQLite store, without a projector; the gateway may have many connections."""

    def __init__(self, logic, options):
        self.data = tempfile.TemporaryDirectory(dir=SCRATCH)
        self.process = Sidecar(
            OUTRIDER, self.data.name, address=logic,
            options=["--projector-enabled=false", "--limit-connections=12000", "--limit-connections-per-peer=5000",
                     *options])

    def __enter__(self):
        return self.process.__enter__()

    def __exit__(self, *failure):
        self.process.__exit__(*failure)
        self.data.cleanup()
