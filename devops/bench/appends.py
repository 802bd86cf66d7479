"""Measures durable appends of one event of 100 bytes, each to an aggregate of its own: by a sidecar, and in process."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listening import free_address
from loading import load
from running import running
from subject import RELEASE, SCRATCH

UMADB = Path(sys.executable).with_name("umadb")
ALONE = ["--projector-enabled=false"]


def measure_append(subject):
    """On SQLite, beside UmaDB."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data, subject.sidecar(data, options=ALONE) as sidecar:
        note_appends(subject, sidecar)
    if subject.beside_peers:
        with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
            address = free_address()
            with running([UMADB, f"--listen={address}", f"--db-path={data}/uma.db"], address) as (_, pid):
                note_loads(subject, "Append", "UmaDB", "umadb", address, pid)


def measure_mongodb(subject):
    """On MongoDB; then the adapter in process, beside libmongoc alone."""
    server, mark, options = os.environ["OUTRIDER_TEST_MONGODB_URI"].partition("?")
    database = f"{server.rstrip('/')}/bench-{os.getpid()}-{time.monotonic_ns()}{mark}{options}"
    with subject.sidecar(database, options=ALONE) as sidecar:
        note_appends(subject, sidecar, where=" on MongoDB")
    if subject.beside_peers:
        note_adapter(subject.note, server + mark + options)


def note_appends(subject, sidecar, where=""):
    note_loads(subject, f"Append{where}", "Outrider", "record", sidecar.addresses["command-handler"],
               sidecar.process.pid)


def note_loads(subject, what, who, target, address, pid):
    for in_flight in (1, 32, 256):
        result = load(target, address, in_flight, pid)
        name = f"{what}, {in_flight} in flight"
        subject.note(f"{name}: appends/s", result["per_second"], who)
        subject.note_load(name, result, who)


def note_adapter(note, server):
    output = subprocess.run([RELEASE / "store-bench", server, "3"], check=True, capture_output=True, text=True)
    for line in output.stdout.splitlines():
        if row := re.match(r"(Outrider|libmongoc) .*?(\d+) +(\d+) +([\d.]+) +([\d.]+) ", line):
            who, in_flight, per_second, cpu, half = row.groups()
            name = f"MongoDB adapter, {in_flight} in flight"
            note(f"{name}: appends/s", float(per_second), who)
            note(f"{name}: CPU in process, µs each", float(cpu), who)
            note(f"{name}: p50, ms", float(half), who)
        elif row := re.match(r"reading the log: (\d+) events/s, ([\d.]+)", line):
            note("MongoDB log, read from its start: events/s", float(row[1]))
            note("MongoDB log, read from its start: CPU in process, µs each", float(row[2]))
        elif row := re.match(r"append to delivery in (.*): p50 ([\d.]+) ms, p99 ([\d.]+)", line):
            note(f"MongoDB, append to delivery in {row[1]}: p50, ms", float(row[2]))
            note(f"MongoDB, append to delivery in {row[1]}: p99, ms", float(row[3]))
