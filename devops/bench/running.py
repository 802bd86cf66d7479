"""Runs a server that is measured."""

import os
import subprocess
from contextlib import contextmanager

from listening import wait_until_listening


@contextmanager
def running(command, address, **environment):
    """A server, from when it listens; its address, and its process id."""
    process = subprocess.Popen(
        [str(part) for part in command], env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_listening(process, int(address.split(":")[1]))
        yield address, process.pid
    finally:
        process.kill()
        process.wait()
