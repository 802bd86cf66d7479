"""What goes wrong below the store: a disk without room, a file that is damaged, what a driver leaves behind."""

import shutil
import sqlite3
import subprocess
import uuid
from pathlib import Path

import grpc
import pytest
from client import Client, Status, commands, eventually, new_root, refused, told
from grpc_health.v1 import health_pb2, health_pb2_grpc
from logic import Logic
from sidecar import DOMAIN
from test_metrics import LISTEN, scrape, value

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def own_logic():
    logic = Logic()
    yield logic
    logic.stop()


def health(sidecar, role):
    stub = health_pb2_grpc.HealthStub(sidecar.channel(role))
    return stub.Check(health_pb2.HealthCheckRequest(), timeout=10).status


def positions(entries):
    return [entry.position.number for entry in entries]


# A disk that fills up


def may_mount():
    return shutil.which("unshare") and subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a file system of their own")
def test_a_full_disk_is_told_everywhere_and_all_goes_on_once_there_is_space(start, own_logic, tmp_path):
    data = tmp_path / "disk"
    data.mkdir()
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', str(data)]
    sidecar = start(data=data, address=own_logic.address, options=[LISTEN], wrapper=mount)
    client = Client(sidecar)
    stored = []

    def send(size):
        root = new_root()
        client.handle(commands(root, b"x" * size))
        stored.append(root)

    eventually(lambda: health(sidecar, "command-handler") == SERVING)
    send(100)
    # As the sidecar sees it: nobody else has it mounted.
    ballast = Path(f"/proc/{sidecar.process.pid}/root{data}") / "ballast"
    try:
        ballast.write_bytes(b"x" * (1 << 20))
    except OSError:
        pass

    def is_refused():
        try:
            send(20_000)
        except grpc.RpcError as error:
            assert error.code() == Status.UNAVAILABLE
            return error.details()

    assert "disk is full" in eventually(is_refused)
    assert health(sidecar, "command-handler") == NOT_SERVING
    assert health(sidecar, "query-handler") == SERVING
    told(sidecar, "the store takes no commits", "Free some space")
    families = scrape(sidecar)
    assert value(families, "outrider_store_writable") == 0
    assert value(families, "outrider_store_write_failures", "outrider_store_write_failures_total") >= 1
    for _ in range(20):
        refused(lambda: send(20_000), Status.UNAVAILABLE)
    assert sidecar.text.count("the store takes no commits") == 1
    assert all(client.numbers(root) == [0] for root in stored)

    ballast.unlink()
    eventually(lambda: health(sidecar, "command-handler") == SERVING)
    told(sidecar, "the store takes commits again")
    send(20_000)
    assert value(scrape(sidecar), "outrider_store_writable") == 1
    assert all(client.numbers(root) == [0] for root in stored)


# Damage


DAMAGES = {
    "a row is gone": "DELETE FROM commits WHERE root = ? AND first_sequence = 1",
    "a blob is cut": "UPDATE commits SET pages = substr(pages, 1, length(pages) - 1)"
                     " WHERE root = ? AND first_sequence = 1",
    "a number is wrong": "UPDATE commits SET first_sequence = 0 WHERE root = ? AND first_sequence = 1",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_aggregate_is_data_loss_and_all_others_flow(start, own_logic, tmp_path, damage):
    sidecar = start(address=own_logic.address, options=["--projector-enabled=false"])
    client = Client(sidecar)
    damaged, sound = new_root(), new_root()
    for _ in range(3):
        for root in (damaged, sound):
            client.handle(commands(root, b"x"))
    sidecar.stop()
    with sqlite3.connect(tmp_path / "data" / f"{DOMAIN}.db") as file:
        assert file.execute(DAMAGES[damage], [damaged]).rowcount == 1
    file.close()

    sidecar = start(address=own_logic.address)
    client = Client(sidecar)
    place = str(uuid.UUID(bytes=damaged))
    assert place in refused(lambda: client.handle(commands(damaged, b"x")), Status.DATA_LOSS)
    assert place in refused(lambda: client.books(damaged), Status.DATA_LOSS)
    client.handle(commands(sound, b"x"))
    assert client.numbers(sound) == [0, 1, 2, 3]
    eventually(lambda: (found := client.projection(sound)) and found.sequence == 3)
    eventually(lambda: client.parked_roots() == [damaged], timeout=90)

    # A reader of the log is told where the damage is, and goes on behind it.
    assert positions(client.log(limit=2)) == [1, 2]
    assert "position 3" in refused(lambda: positions(client.log(after=2)), Status.DATA_LOSS)
    assert positions(client.log(after=3)) == [4, 5, 6, 7]
    assert sidecar.process.poll() is None


# What the MongoDB driver does


@pytest.mark.parametrize("store", ["sqlite", "mongodb"])
def test_the_driver_makes_no_file_in_shared_memory(start, own_logic, tmp_path, store):
    data = tmp_path / "data" if store == "sqlite" else "mongodb://127.0.0.1:1/nowhere"
    sidecar = start(address=own_logic.address, data=data)
    mappings = Path(f"/proc/{sidecar.process.pid}/maps").read_text()
    assert "libmongoc" in mappings and "/dev/shm" not in mappings
    assert not Path(f"/dev/shm/mongoc-{sidecar.process.pid}").exists()
    assert "counters" not in sidecar.text
