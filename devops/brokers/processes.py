"""A broker's processes. All carry its directory in their environment, so none is missed or mistaken for another."""

import ctypes
import os
import signal
import time

MARK = "OUTRIDER_BROKER_DIRECTORY"
PR_SET_PDEATHSIG = 1


def mark(directory):
    """What to add to the environment of a broker's first process. The others inherit it."""
    return {MARK: os.path.realpath(directory)}


def processes(directory):
    """The broker's running processes, the oldest first."""
    wanted = b"%s=%s" % (MARK.encode(), os.fsencode(os.path.realpath(directory)))
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as environment:
                if wanted in environment.read().split(b"\0"):
                    found.append(int(name))
        except OSError:  # ended meanwhile, or another user's
            pass
    return sorted(found, key=age)


def age(process):
    """When the process started, in the kernel's ticks: proc(5), field 22 of stat."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def interrupt(directory):
    """Asks the first process to end. It ends the others."""
    for process in processes(directory)[:1]:
        send(process, signal.SIGTERM)


def kill(directory):
    """Kills all processes, and returns when they are gone."""
    while left := processes(directory):
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.01)


def ended(directory, seconds):
    """Whether all processes are gone within that time."""
    deadline = time.monotonic() + seconds
    while processes(directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def send(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def end_with_parent():
    """For the child, before it runs its program: the kernel kills it when its parent dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
