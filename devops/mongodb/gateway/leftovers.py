"""What a crash leaves of a PostgreSQL server: processes, sockets and shared memory."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

STOP_SECONDS = 10
SOCKETS = "outrider-mongodb-sockets-"


class DidNotStart(Exception):
    """With the end of the log."""


def processes(directory):
    """Those of the PostgreSQL server on `directory`: all of them work in its data directory."""
    data = os.path.realpath(Path(directory) / "pg")
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry.name}/cwd") == data and "ld-linux" in os.readlink(f"/proc/{entry.name}/exe"):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or another user's
            pass
    return found


def send(process, number):
    """A signal, to a process that may have ended meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def reap(directory):
    """Ends what a crash left running on `directory`, waits until it is gone, and removes its sockets."""
    deadline = time.monotonic() + STOP_SECONDS
    while left := processes(directory):
        if time.monotonic() > deadline:
            raise DidNotStart(f"processes {left} of a crashed server do not end")
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.01)
    forget_shared_memory(Path(directory) / "pg" / "postmaster.pid")
    noted = Path(directory) / "sockets"
    if noted.exists():
        sockets = Path(noted.read_text())
        if sockets.name.startswith(SOCKETS):
            shutil.rmtree(sockets, ignore_errors=True)
        noted.unlink()


def forget_shared_memory(lock):
    """PostgreSQL marks a data directory as used by 56 bytes of System V shared memory, which outlive a crash."""
    try:
        key = lock.read_text().splitlines()[6].split()[0]  # the seventh line: key and identifier
    except (FileNotFoundError, IndexError):
        return
    subprocess.run(["ipcrm", "-M", key], stderr=subprocess.DEVNULL)
    lock.unlink()
