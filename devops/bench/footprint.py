"""Measures what it takes to be there at all."""

import subprocess
import tempfile
import time
from pathlib import Path

import grpc
from subject import SCRATCH
from usage import resident_bytes


def measure_footprint(subject):
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data, subject.sidecar(data) as sidecar:
        grpc.channel_ready_future(sidecar.channel("command-handler")).result(10)
        subject.note("Start to serving, ms", sidecar.start_seconds * 1e3)
        time.sleep(2)
        subject.note("Idle memory (resident), MB", resident_bytes(sidecar.process.pid) / 1e6)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        stripped = Path(directory, "outrider")
        subprocess.run(["strip", "-o", stripped, subject.executable], check=True)
        subject.note("Stripped executable, MB", stripped.stat().st_size / 1e6)
