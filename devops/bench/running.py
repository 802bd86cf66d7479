"""Runs a server that is measured, and looks at what it uses."""

import os
import re
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(command, address, **environment):
    """A server, from when it listens; its address, and its process id."""
    process = subprocess.Popen(
        [str(part) for part in command], env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_listener(address, process)
        yield address, process.pid
    finally:
        process.kill()
        process.wait()


def await_listener(address, process, seconds=20):
    host, port = address.split(":")
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args[0]} does not listen on {address}") from None
            time.sleep(0.01)


def cpu_seconds(pid):
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
