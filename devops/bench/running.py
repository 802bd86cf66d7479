"""Runs a server that is measured, and looks at what it uses."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

import grpc


@contextmanager
def running(command, address, **environment):
    """A server, from when it listens; its process id."""
    process = subprocess.Popen(
        [str(part) for part in command], env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(20)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def cpu_seconds(pid):
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
