"""Measures a whole command: decided by logic in Go that takes next to no time, stored, answered."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from loading import load
from logic import logic
from subject import SCRATCH

ALONE = "--projector-enabled=false"


def measure_command(subject):
    """Once alone, and once with a projection of every aggregate kept beside it."""
    with logic() as address:
        for name, options in (
                ("Command, 64 in flight", [ALONE]), ("Command and projection, 64 in flight", [])):
            result = commands(subject, address, options)
            subject.note(f"{name}: commands/s", result["per_second"])
            subject.note_load(name, result)


def measure_traces(subject):
    """The same command while spans of it are recorded and exported."""
    with collector() as endpoint, logic() as address:
        for name, options in (
                ("no traces", []), ("traces at 1 %", [endpoint, "--traces-sample=0.01"]),
                ("traces at 100 %", [endpoint])):
            result = commands(subject, address, [ALONE, *options])
            subject.note(f"Command, 64 in flight, {name}: server CPU, µs each", result["server_cpu_us"])


def commands(subject, logic, options):
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, address=logic, options=options) as sidecar:
            return load("handle", sidecar.addresses["command-handler"], 64, sidecar.process.pid)


@contextmanager
def collector():
    """One that forgets its spans; the setting that names it."""
    export = grpc.method_handlers_generic_handler(
        "opentelemetry.proto.collector.trace.v1.TraceService",
        {"Export": grpc.unary_unary_rpc_method_handler(lambda request, context: b"")})
    server = grpc.server(ThreadPoolExecutor(1), handlers=[export])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"--traces-endpoint=http://127.0.0.1:{port}"
    finally:
        server.stop(None)
