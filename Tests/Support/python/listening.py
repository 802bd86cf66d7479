"""Ports, and those who listen on them."""

import contextlib
import random
import socket
import time
from pathlib import Path

#: Below those that the system gives to connections and to whoever asks for any port.
KEPT_FREE = range(
    10_000, int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])) or range(10_000, 1 << 16)


def free_port():
    """A port of loopback that nobody listens on now, and that no other program will be given."""
    while True:
        port = random.SystemRandom().choice(KEPT_FREE)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def free_address():
    return f"127.0.0.1:{free_port()}"


def wait_until_listening(process, port, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen on port {port}")
