"""What peers make a sidecar hold: every shape of call, with bodies that unpack to much more, requests without an
end, and clients that read nothing."""

import contextlib
import gzip
import os
from pathlib import Path

import grpc
import pytest
from client import Client, Status, commands, eventually, facts, new_root
from evented import evented_pb2 as evented
from frames import Connection, message
from outrider.v1 import log_pb2, projections_pb2
from sidecar import DOMAIN
from tokens import key_set

MIB = 1 << 20
LIMIT = 64 * MIB
CONNECTIONS = 4


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def bomb(request):
    """The request with an unknown field of almost 4 MiB."""
    return request + varint(2000 << 3 | 2) + varint(4_000_000) + bytes(4_000_000)


QUERY = evented.Query(domain=DOMAIN, root=evented.UUID(value=new_root())).SerializeToString()
SHAPES = {
    "Handle": ("command-handler", "/evented.BusinessCoordinator/Handle",
               commands(new_root(), b"x").SerializeToString()),
    "GetEvents": ("query-handler", "/evented.EventQuery/GetEvents", QUERY),
    "Synchronize": ("query-handler", "/evented.EventQuery/Synchronize", QUERY),
    "Read": ("query-handler", "/outrider.v1.Log/Read",
             log_pb2.ReadLogRequest(domain=DOMAIN, follow=True).SerializeToString()),
    "Watch": ("query-handler", "/outrider.v1.Projections/Watch",
              projections_pb2.WatchProjectionsRequest(projector="p", domain=DOMAIN).SerializeToString()),
    "health": ("query-handler", "/grpc.health.v1.Health/Watch", b""),
    "reflection": ("query-handler", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", b""),
}


class Memory:
    """The resident memory of a process, and the most that it was."""

    def __init__(self, pid):
        self.status = Path(f"/proc/{pid}/status")
        self.clear = Path(f"/proc/{pid}/clear_refs")

    def field(self, name):
        line, = [line for line in self.status.read_text().splitlines() if line.startswith(name)]
        return int(line.split()[1]) << 10

    @property
    def now(self):
        return self.field("VmRSS")

    @property
    def peak(self):
        return self.field("VmHWM")

    def forget_peak(self):
        self.clear.write_text("5")


@pytest.fixture(scope="module")
def attacked(executable, tmp_path_factory):
    from logic import Logic
    from sidecar import Sidecar
    logic = Logic()
    options = [f"--limit-memory={LIMIT // MIB}MiB", f"--limit-connection-memory={LIMIT // 2 // MIB}MiB"]
    with Sidecar(executable, tmp_path_factory.mktemp("data"), address=logic.address, options=options) as sidecar:
        client = Client(sidecar)
        # 6 MB of log: more than any reader reads ahead.
        for _ in range(60):
            client.record(facts(new_root(), b"e" * 100_000))
        yield sidecar, client, Memory(sidecar.process.pid)
    logic.stop()


@pytest.mark.parametrize("ends", [False, True], ids=["half-open", "whole"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_peers_do_not_fill_the_memory(attacked, shape, compressed, ends):
    sidecar, client, memory = attacked
    role, path, request = SHAPES[shape]
    # Of the packed ones, few would be enough: a hundred become 400 MB.
    streams = 100 if compressed else 900
    body = message(gzip.compress(bomb(request)), True) if compressed else message(request)
    # The limit, as much again for what surrounds what is counted, and what is on its way.
    bound = memory.now + 2 * LIMIT + 64 * MIB
    memory.forget_peak()
    with contextlib.ExitStack() as open_ones:
        peers = [open_ones.enter_context(Connection(sidecar.addresses[role])) for _ in range(CONNECTIONS)]
        for peer in peers:
            peer.send(b"".join(peer.request(path, body, gzip=compressed, ends=ends) for _ in range(streams)))
        for peer in peers:
            peer.settle()
        assert memory.peak < bound
    # The memory is free again, and everybody is served.
    eventually(lambda: counts_again(client))


def counts_again(client):
    try:
        return client.record(facts(new_root(), b"after")) is not None
    except grpc.RpcError as error:
        assert error.code() == Status.RESOURCE_EXHAUSTED
        return False


def test_memory_goes_back_to_the_system(attacked):
    sidecar, client, memory = attacked
    before = memory.now
    body = message(log_pb2.ReadLogRequest(domain=DOMAIN, follow=True).SerializeToString())
    with contextlib.ExitStack() as open_ones:
        for _ in range(CONNECTIONS):
            peer = open_ones.enter_context(Connection(sidecar.addresses["query-handler"]))
            peer.send(b"".join(peer.request("/outrider.v1.Log/Read", body, ends=True) for _ in range(900)))
            # Each has its headers, and then the handler waits for the window, or was refused.
            peer.read_until(lambda peer=peer: len(peer.answered) == 900)
        assert memory.peak < before + 2 * LIMIT + 64 * MIB
    eventually(lambda: memory.now < before + LIMIT // 2)
    assert client.record(facts(new_root(), b"after"))


def test_strangers_are_refused_by_their_headers(start, logic_process, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = start(address=logic_process.address, options=[f"--tokens-keys={keys}"])
    memory = Memory(sidecar.process.pid)
    before = memory.now
    body = message(gzip.compress(bomb(QUERY)), True)
    with contextlib.ExitStack() as open_ones:
        for path in ["/evented.EventQuery/GetEvents", "/evented.EventQuery/Synchronize"]:
            peer = open_ones.enter_context(Connection(sidecar.addresses["query-handler"]))
            peer.send(b"".join(peer.request(path, body, gzip=True) for _ in range(500)))
            peer.read_until(lambda peer=peer: len(peer.ended) == 500)
    assert memory.peak < before + 32 * MIB


def test_connections_leave_room_for_the_store(start, logic_process):
    limit = 300
    sidecar = start(address=logic_process.address, options=["--limit-connections-per-peer=1000000"],
                    wrapper=["sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"'])
    client = Client(sidecar)
    client.handle(commands(new_root(), b"x"))
    with contextlib.ExitStack() as open_ones:
        served = [serves(open_ones, sidecar) for _ in range(limit)]
        assert not all(served)
        assert len(os.listdir(f"/proc/{sidecar.process.pid}/fd")) < limit - 50
        # The store still opens files.
        assert client.record(facts(new_root(), b"x"))
    with contextlib.ExitStack() as open_ones:
        eventually(lambda: serves(open_ones, sidecar))


def serves(open_ones, sidecar):
    """Whether one more connection, that stays open, is heard."""
    try:
        open_ones.enter_context(Connection(sidecar.addresses["query-handler"])).settle()
        return True
    except OSError:
        return False
