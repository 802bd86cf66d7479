"""Measures sagas, dispatched commands, timers and traces of causes."""

import json
import os
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from listening import free_address, wait_until_listening
from subject import PEERS, SCRATCH
from usage import resident_bytes

CONFIGURATION = """\
domains:
  - {{name: bank, logic: {{address: "{0}"}}}}
  - {{name: account, logic: {{address: "{0}"}}}}
  - {{name: transfer, logic: {{address: "{0}"}}}}
sagas:
  - {{name: transfers, domains: [transfer], logic: {{address: "{0}"}}}}
"""
MILLION = 1_000_000
FAN = 100  # commits that the traced event led to, and again each of these
NODES = 10_000  # of a trace, at most


def measure_transfers(subject):
    """Money is moved by a saga: three commands after the one that starts it, four reactions."""
    for in_flight in (1, 30, 64):
        with beside(subject, "transfers", f"-in-flight={in_flight}", "-warm-up=2s", "-duration=8s") as (answers, _):
            result = next(answers)
        name = f"Transfers by a saga, {in_flight} under way"
        subject.note(f"{name}: transfers/s", result["per_second"])
        subject.note_load(name, result)


def measure_dispatched(subject):
    """Commands that are stored first, and carried out then."""
    with beside(subject, "dispatched", "-domain=bank", "-in-flight=64", "-duration=5s") as (answers, _):
        result = next(answers)
    subject.note("Dispatched commands, 64 in flight: taken/s", result["dispatched_per_second"])
    subject.note("Dispatched commands: carried out/s", result["ended_per_second"])
    subject.note("Dispatched commands: server CPU, µs each", result["server_cpu_us"])


def measure_timers(subject):
    """Timers at 1,000/s, for how late they are; then many that are due at once, for how fast they fire."""
    with beside(subject, "timers", "-timers=10000", "-in-flight=64", "-warm-up=10s", "-duration=10s") as (answers, _):
        next(answers)
        result = next(answers)
    subject.note("Timers, 1,000/s: late, p50, ms", result["late_p50_ms"])
    subject.note("Timers, 1,000/s: late, p99, ms", result["late_p99_ms"])
    assert result["early"] == 0, f"{result['early']} timers fired early"
    with beside(subject, "timers", "-timers=20000", "-in-flight=64", "-due-in=20s") as (answers, _):
        next(answers)
        result = next(answers)
    subject.note("Timers, 20,000 due at once: fired/s", result["fired_per_second"])
    subject.note("Timers, 20,000 due at once: server CPU, µs each", result["server_cpu_us"])


def measure_pending(subject):
    """What a million timers that are not due take."""
    how = [f"-timers={MILLION}", "-timers-of-an-instance=1000", "-in-flight=8", "-due-in=24h"]
    with beside(subject, "timers", *how) as (answers, sidecar):
        before = resident_bytes(sidecar.process.pid)
        result = next(answers)
        wait_until_idle(sidecar.process.pid)
        subject.note("A million timers: set/s", result["set_per_second"])
        subject.note("A million timers pending: memory more, MB", (resident_bytes(sidecar.process.pid) - before) / 1e6)


def measure_trace(subject):
    """Ten thousand commits that one event led to, as `outrider trace` draws them, from its start to its end."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, options=["--projector-enabled=false"]) as sidecar:
            grow(sidecar)
            command = [subject.executable, "trace", f"bank/{uuid.UUID(int=0)}", "0", f"--limit={NODES}",
                       f"--address={sidecar.addresses['query-handler']}"]
            began = time.monotonic()
            shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            subject.note("`outrider trace` of 10,000 commits: ms", (time.monotonic() - began) * 1e3)
            assert shown.count("\n") >= NODES, shown[:2000]


def grow(sidecar):
    """Records an event, and more commits than a trace shows that it led to."""
    record = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler")).Record
    record(caused(0, None))
    for first, last in ((1, FAN), (FAN + 1, FAN + FAN * FAN)):
        calls = [record.future(caused(each, (each - 1) // FAN)) for each in range(first, last + 1)]
        for call in calls:
            call.result()


def caused(number, by):
    book = evented.EventBook(cover=cover(number))
    book.pages.add().Event.type_url = "type.googleapis.com/bench.Event"
    if by is not None:
        book.cause.cover.CopyFrom(cover(by))
    return book


def cover(number):
    return evented.Cover(root=evented.UUID(value=number.to_bytes(16, "big")), domain="bank")


def wait_until_idle(pid):
    """Until a second goes by in which the process does next to nothing."""
    def used():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    while True:
        before = used()
        time.sleep(1)
        if used() - before < 0.05:
            return


@contextmanager
def beside(subject, what, *options):
    """The logic and client `what` beside a sidecar on a new SQLite store: its answers, and the sidecar."""
    address = free_address()
    process = subprocess.Popen(
        [PEERS, what, *options], env=os.environ | {"OUTRIDER_LOGIC_ADDRESS": address},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        wait_until_listening(process, int(address.split(":")[1]))
        with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
            configuration = Path(directory, "shop.yaml")
            configuration.write_text(CONFIGURATION.format(address))
            with subject.sidecar(Path(directory, "data"), config=configuration) as sidecar:
                print(sidecar.addresses["command-handler"], sidecar.process.pid, file=process.stdin, flush=True)
                yield (json.loads(line) for line in process.stdout), sidecar
    finally:
        process.kill()
        process.wait()
