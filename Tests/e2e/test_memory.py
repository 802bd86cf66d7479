"""What peers make a sidecar hold: every shape of call, with bodies that unpack to much more, requests without an
end, and clients that read nothing."""

import contextlib
import functools
import gzip
import os
from pathlib import Path

import grpc
import pytest
from client import Client, Status, commands, eventually, facts, new_root
from frames import Connection, message
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)
from shapes import SHAPES, LargeProjections, fill
from sidecar import Sidecar
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
    logic = LargeProjections()
    options = [f"--limit-memory={LIMIT // MIB}MiB", f"--limit-connection-memory={LIMIT // 2 // MIB}MiB"]
    with Sidecar(executable, tmp_path_factory.mktemp("data"), address=logic.address, options=options) as sidecar:
        client = Client(sidecar)
        fill(client)
        yield sidecar, client, Memory(sidecar.process.pid)
    logic.stop()


@pytest.mark.parametrize("ends", [False, True], ids=["half-open", "whole"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", SHAPES)
def test_peers_do_not_fill_the_memory(attacked, name, compressed, ends):
    sidecar, client, memory = attacked
    shape = SHAPES[name]
    # Of the packed ones, few would be enough: a hundred become 400 MB.
    streams = min(100, shape.calls) if compressed else shape.calls
    # The limit, as much again for what surrounds what is counted, and what is on its way.
    bound = memory.now + 2 * LIMIT + 64 * MIB
    memory.forget_peak()
    with contextlib.ExitStack() as open_ones:
        peers = [open_ones.enter_context(Connection(sidecar.addresses[shape.role])) for _ in range(CONNECTIONS)]
        for number, peer in enumerate(peers):
            peer.send(b"".join(
                peer.request(shape.path, body(shape.request(number * streams + each), compressed), gzip=compressed,
                             ends=ends) for each in range(streams)))
        for peer in peers:
            peer.settle()
        if shape.stir:
            shape.stir(client)
        if shape.is_answered and ends:
            for peer in peers:
                peer.read_until(lambda peer=peer: len(peer.answered | peer.ended) == streams)
        assert memory.peak < bound
    # The memory is free again, and everybody is served.
    eventually(lambda: counts_again(client))


@functools.lru_cache(maxsize=1)
def body(request, compressed):
    return message(gzip.compress(bomb(request)), True) if compressed else message(request)


def test_no_streaming_method_is_left_out(attacked):
    sidecar, _, _ = attacked
    paths = set()
    for role in ["command-handler", "query-handler", "projector"]:
        with sidecar.channel(role) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            pool = DescriptorPool(database)
            for service in database.get_services():
                paths |= {f"/{service}/{method.name}" for method in pool.FindServiceByName(service).methods
                          if method.client_streaming or method.server_streaming}
    assert paths and paths <= {shape.path for shape in SHAPES.values()}


def counts_again(client):
    try:
        return client.record(facts(new_root(), b"after")) is not None
    except grpc.RpcError as error:
        # There was no memory for the call, or for its connection.
        assert error.code() in (Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE), error
        return False


def test_memory_goes_back_to_the_system(attacked):
    sidecar, client, memory = attacked
    before = memory.now
    shape = SHAPES["Read"]
    follow = message(shape.request(0))
    with contextlib.ExitStack() as open_ones:
        for _ in range(CONNECTIONS):
            peer = open_ones.enter_context(Connection(sidecar.addresses[shape.role]))
            peer.send(b"".join(peer.request(shape.path, follow, ends=True) for _ in range(900)))
            # Each has its headers, and then the handler waits for the window, or was refused.
            peer.read_until(lambda peer=peer: len(peer.answered) == 900)
        assert memory.peak < before + 2 * LIMIT + 64 * MIB
    eventually(lambda: memory.now < before + LIMIT // 2)
    assert client.record(facts(new_root(), b"after"))


@pytest.fixture(scope="module")
def guarded(executable, tmp_path_factory):
    """A sidecar that wants a token of its callers."""
    directory = tmp_path_factory.mktemp("guarded")
    keys = directory / "keys.json"
    keys.write_text(key_set())
    with Sidecar(executable, directory / "data", options=[f"--tokens-keys={keys}"]) as sidecar:
        yield sidecar


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if not shape.is_for_strangers])
def test_strangers_are_refused_by_their_headers(guarded, name):
    shape, memory = SHAPES[name], Memory(guarded.process.pid)
    before = memory.now
    memory.forget_peak()
    packed = body(shape.request(0), compressed=True)
    with Connection(guarded.addresses[shape.role]) as peer:
        peer.send(b"".join(peer.request(shape.path, packed, gzip=True) for _ in range(500)))
        peer.read_until(lambda: len(peer.ended) == 500)
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
