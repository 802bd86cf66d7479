"""Measures Outrider beside its peers, prints one table, and writes it to docs/benchmarks.md and the README.

Peers run in the same round on the same machine, one after the other; what is shown is the median of all rounds.
Usage: bench.py [servers|clients|append|mongodb|command|functions|traces|channel|delivery|catch-up|transfers
|dispatched|timers|pending|trace|rolling|rebuild|idle|gateway|eventuate|framework|schemas|footprint]...
(all, unless told otherwise)
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from delivery import measure_catch_up, measure_delivery
from echo import PEERS, SCRATCH, measure_clients, measure_servers
from eventuate import measure_eventuate
from framework import measure_framework
from functions import measure_functions
from gateway import measure_gateway
from listening import free_address
from operations import measure_idle, measure_rebuild, measure_rolling
from report import Report
from loading import load
from running import running
from sagas import measure_dispatched, measure_pending, measure_timers, measure_trace, measure_transfers
from schemas import measure_schemas
from sidecar import TOP, Sidecar
from usage import resident_bytes

ROUNDS = int(os.environ.get("ROUNDS", "5"))
OUTRIDER = TOP / ".build/release/outrider"
STORE_BENCH = TOP / ".build/release/store-bench"
CHANNEL_BENCH = TOP / ".build/release/channel-bench"
UMADB = Path(sys.executable).with_name("umadb")

report = Report(ROUNDS)
note = report.note


def main():
    chosen = sys.argv[1:] or list(MEASURES)
    for number in range(1, ROUNDS + 1):
        for name in chosen:
            print(f"round {number} of {ROUNDS}: {name}", file=sys.stderr, flush=True)
            MEASURES[name]()
    print("\n" + report.table())
    if not sys.argv[1:]:
        report.write()


# What is measured


def measure_append():
    """Durable append of one event of 100 bytes, each to an aggregate of its own."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with Sidecar(OUTRIDER, data, options=["--projector-enabled=false"]) as sidecar:
            load_appends("Outrider", "record", sidecar.addresses["command-handler"],
                         sidecar.process.pid)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        address = free_address()
        command = [UMADB, f"--listen={address}", f"--db-path={data}/uma.db"]
        with running(command, address) as (_, pid):
            load_appends("UmaDB", "umadb", address, pid)


def measure_mongodb():
    """The same append on MongoDB; then the adapter in process, beside libmongoc alone."""
    server, mark, options = os.environ["OUTRIDER_TEST_MONGODB_URI"].partition("?")
    database = f"{server.rstrip('/')}/bench-{os.getpid()}-{time.monotonic_ns()}{mark}{options}"
    with Sidecar(OUTRIDER, database, options=["--projector-enabled=false"]) as sidecar:
        load_appends("Outrider", "record", sidecar.addresses["command-handler"],
                     sidecar.process.pid, where=" on MongoDB")
    output = subprocess.run(
        [STORE_BENCH, server + mark + options, "3"], check=True, capture_output=True, text=True)
    for line in output.stdout.splitlines():
        if row := re.match(r"(Outrider|libmongoc) .*?(\d+) +(\d+) +([\d.]+) +([\d.]+) ", line):
            who, in_flight, per_second, cpu, half = row.groups()
            name = f"MongoDB adapter, {in_flight} in flight"
            note(f"{name}: appends/s", who, float(per_second))
            note(f"{name}: CPU in process, µs each", who, float(cpu))
            note(f"{name}: p50, ms", who, float(half))
        elif row := re.match(r"reading the log: (\d+) events/s, ([\d.]+)", line):
            note("MongoDB log, read from its start: events/s", "Outrider", float(row[1]))
            note("MongoDB log, read from its start: CPU in process, µs each", "Outrider", float(row[2]))
        elif row := re.match(r"append to delivery in (.*): p50 ([\d.]+) ms, p99 ([\d.]+)", line):
            note(f"MongoDB, append to delivery in {row[1]}: p50, ms", "Outrider", float(row[2]))
            note(f"MongoDB, append to delivery in {row[1]}: p99, ms", "Outrider", float(row[3]))


def measure_channel():
    """The relay, with confirms, beside each broker's client library alone with the same window and messages."""
    brokers = {
        "RabbitMQ": os.environ["OUTRIDER_TEST_RABBITMQ_URI"], "Kafka": f"kafka://{os.environ['OUTRIDER_TEST_KAFKA']}"}
    for broker, uri in brokers.items():
        output = subprocess.run([CHANNEL_BENCH, uri, "50000"], check=True, capture_output=True, text=True)
        for line in output.stdout.splitlines():
            if row := re.match(r"(relay|librabbitmq|librdkafka)(, bodies alone)? +(\d+) +([\d.]+)", line):
                who, what = "Outrider" if row[1] == "relay" else row[1], row[2] or ""
                note(f"{broker}, published and confirmed{what}: commits/s", who, float(row[3]))
                note(f"{broker}, publisher's CPU{what}, µs each", who, float(row[4]))


def load_appends(who, target, address, pid, where=""):
    for in_flight in (1, 32, 256):
        result = load(target, address, in_flight, pid)
        name = f"Append{where}, {in_flight} in flight"
        note(f"{name}: appends/s", who, result["per_second"])
        note(f"{name}: server CPU, µs each", who, result["server_cpu_us"])
        note(f"{name}: p50, ms", who, result["p50_ms"])
        note(f"{name}: p99, ms", who, result["p99_ms"])


def measure_command():
    """A whole command: decided by logic in Go that takes next to no time, stored, answered.

    Once alone, and once with a projection of every aggregate kept beside it.
    """
    address = free_address()
    with running([PEERS, "logic"], address, OUTRIDER_LOGIC_ADDRESS=address):
        for name, options in (
                ("Command, 64 in flight", ["--projector-enabled=false"]),
                ("Command and projection, 64 in flight", [])):
            with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
                with Sidecar(OUTRIDER, data, address=address, options=options) as sidecar:
                    result = load(
                        "handle", sidecar.addresses["command-handler"], 64, sidecar.process.pid)
            note(f"{name}: commands/s", "Outrider", result["per_second"])
            note(f"{name}: server CPU, µs each", "Outrider", result["server_cpu_us"])
            note(f"{name}: p50, ms", "Outrider", result["p50_ms"])
            note(f"{name}: p99, ms", "Outrider", result["p99_ms"])


def measure_traces():
    """The same command while spans of it are recorded and exported, to a collector that forgets them."""
    export = grpc.method_handlers_generic_handler(
        "opentelemetry.proto.collector.trace.v1.TraceService",
        {"Export": grpc.unary_unary_rpc_method_handler(lambda request, context: b"")})
    collector = grpc.server(ThreadPoolExecutor(1), handlers=[export])
    endpoint = f"--traces-endpoint=http://127.0.0.1:{collector.add_insecure_port('127.0.0.1:0')}"
    collector.start()
    address = free_address()
    with running([PEERS, "logic"], address, OUTRIDER_LOGIC_ADDRESS=address):
        for name, options in (
                ("no traces", []), ("traces at 1 %", [endpoint, "--traces-sample=0.01"]),
                ("traces at 100 %", [endpoint])):
            with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
                with Sidecar(OUTRIDER, data, address=address,
                             options=["--projector-enabled=false", *options]) as sidecar:
                    result = load(
                        "handle", sidecar.addresses["command-handler"], 64, sidecar.process.pid)
            note(f"Command, 64 in flight, {name}: server CPU, µs each", "Outrider", result["server_cpu_us"])
    collector.stop(None)


def measure_footprint():
    """What it takes to be there at all."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with Sidecar(OUTRIDER, data) as sidecar:
            grpc.channel_ready_future(sidecar.channel("command-handler")).result(10)
            note("Start to serving, ms", "Outrider", sidecar.start_seconds * 1e3)
            time.sleep(2)
            note("Idle memory (resident), MB", "Outrider", resident_bytes(sidecar.process.pid) / 1e6)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        stripped = Path(directory, "outrider")
        subprocess.run(["strip", "-o", stripped, OUTRIDER], check=True)
        note("Stripped executable, MB", "Outrider", stripped.stat().st_size / 1e6)


MEASURES = {
    "servers": lambda: measure_servers(note),
    "clients": lambda: measure_clients(note),
    "append": measure_append,
    "mongodb": measure_mongodb,
    "command": measure_command,
    "functions": lambda: measure_functions(note),
    "traces": measure_traces,
    "channel": measure_channel,
    "delivery": lambda: measure_delivery(note),
    "catch-up": lambda: measure_catch_up(note),
    "transfers": lambda: measure_transfers(note),
    "dispatched": lambda: measure_dispatched(note),
    "timers": lambda: measure_timers(note),
    "pending": lambda: measure_pending(note),
    "trace": lambda: measure_trace(note),
    "rolling": lambda: measure_rolling(note),
    "rebuild": lambda: measure_rebuild(note),
    "idle": lambda: measure_idle(note),
    "gateway": lambda: measure_gateway(note),
    "schemas": lambda: measure_schemas(note),
    "eventuate": lambda: measure_eventuate(note),
    "framework": lambda: measure_framework(note),
    "footprint": measure_footprint,
}


if __name__ == "__main__":
    main()
