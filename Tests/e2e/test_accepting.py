"""Connections that cannot be accepted, since the process has no descriptor left for them."""

import contextlib
import os
import resource

import pytest
from frames import Connection
from usage import cpu_seconds


#: Those that the process keeps for other things than connections.
SPARE = 32


def leave_no_descriptor(pid):
    """Leaves the process none for connections; the limit that it had."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    # The next one gets the lowest number that is free.
    free = next(number for number in range(len(used) + 1) if number not in used)
    limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free + SPARE, limit[1]))
    return limit


def one_that_waits(address, opened):
    """A connection that the process does not accept. Those before it took what it had closed meanwhile."""
    for _ in range(20):
        peer = opened.enter_context(Connection(address))
        peer.socket.settimeout(1)
        try:
            peer.settle()
        except TimeoutError:
            return peer
        except ConnectionResetError:
            continue
    raise AssertionError("the process accepts all connections")


def test_connections_that_cannot_be_accepted_take_no_processor_time(start):
    sidecar = start(options=["--projector-enabled=false"])
    pid = sidecar.process.pid
    limit = leave_no_descriptor(pid)
    with contextlib.ExitStack() as opened:
        # The system accepts it, and it waits there for the process.
        peer = one_that_waits(sidecar.addresses["query-handler"], opened)
        used = cpu_seconds(pid)
        with pytest.raises(TimeoutError):
            peer.settle()
        # A loop that tries again and again takes all that there is of a processor.
        assert cpu_seconds(pid) - used < 0.1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
        peer.socket.settimeout(60)
        peer.settle()
