"""Start, stop and sudden death."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bank_pb2 as bank
import grpc
import pytest
from client import (
    Client, Status, commands, counted, cover, eventually, facts, new_root, payloads,
    refused)
from evented import evented_pb2 as evented
from grpc_health.v1 import health_pb2, health_pb2_grpc
from logic import Logic, echo
from outrider.v1 import commands_pb2, commands_pb2_grpc, projections_pb2
from sidecar import BANK, DOMAIN, PROJECTOR, DidNotStart


def open_account(root, owner="Ada"):
    book = evented.CommandBook(cover=cover(root))
    book.pages.add().command.Pack(bank.OpenAccount(owner=owner))
    return book


def bank_process(sidecar):
    """The process id of the bank that the sidecar started."""
    listed = Path(f"/proc/{sidecar.process.pid}/task").glob("*/children")
    children = [pid for each in listed for pid in each.read_text().split()]
    (pid,) = [pid for pid in children if "bank.py" in Path(f"/proc/{pid}/cmdline").read_text()]
    return int(pid)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# With the logic as a child


def test_bank_runs_as_a_child_and_its_output_is_shown(start):
    sidecar = start(logic=BANK)
    root = new_root()
    answer = Client(sidecar).handle(open_account(root), timeout=20)
    assert answer.books[0].pages[0].Event.Is(bank.AccountOpened.DESCRIPTOR)
    eventually(lambda: "the bank is open" in sidecar.text)


def test_child_that_dies_is_started_again_and_commands_wait(start):
    sidecar = start(logic=BANK)
    client = Client(sidecar)
    client.handle(open_account(new_root()), timeout=20)
    child = bank_process(sidecar)
    os.kill(child, signal.SIGKILL)
    root = new_root()
    client.handle(open_account(root), timeout=30)
    assert client.numbers(root) == [0]
    assert bank_process(sidecar) != child


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_child_does_not_outlive_the_sidecar(start, end):
    sidecar = start(logic=BANK)
    Client(sidecar).handle(open_account(new_root()), timeout=20)
    child = bank_process(sidecar)
    getattr(sidecar, end)()
    eventually(lambda: not is_running(child))


def test_command_that_cannot_be_started_is_reported(start):
    try:
        sidecar = start(logic=["/no/such/program"])
    except DidNotStart as failure:
        assert "/no/such/program" in str(failure)
    else:
        eventually(lambda: "/no/such/program" in sidecar.text)


def test_address_that_answers_before_the_child_is_started_is_refused(start):
    stranger = Logic()
    with pytest.raises(DidNotStart) as failure:
        start(logic=BANK, address=stranger.address)
    assert stranger.address in str(failure.value)
    assert "leave logic.address out" in str(failure.value)
    assert not stranger.requests
    stranger.stop()


def test_child_that_ends_again_and_again_is_told_of_and_nothing_is_ready(start):
    sidecar = start(logic=["sh", "-c", "echo tried; exit 3"])
    eventually(lambda: "the logic ends again and again" in sidecar.text)
    assert "ready\n" not in sidecar.output
    stub = health_pb2_grpc.HealthStub(sidecar.channel("command-handler"))
    answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_sidecar_is_ready_while_its_child_serves(start, tmp_path):
    broken = tmp_path / "broken"
    sidecar = start(logic=["sh", "-c", f'test -e {broken} && exit 3; exec "$0" "$@"', *BANK])
    stub = health_pb2_grpc.HealthStub(sidecar.channel("command-handler"))

    def is_serving():
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
        return answer.status == health_pb2.HealthCheckResponse.SERVING

    eventually(is_serving)
    eventually(lambda: "ready\n" in sidecar.output)
    broken.touch()
    os.kill(bank_process(sidecar), signal.SIGKILL)
    eventually(lambda: not is_serving())
    broken.unlink()
    eventually(is_serving, 30)


def test_child_learns_where_to_listen_and_no_secret(start, monkeypatch):
    monkeypatch.setenv("OUTRIDER_LOG_LEVEL", "info")
    sidecar = start(logic=["sh", "-c", "env | grep ^OUTRIDER_; echo port $PORT; sleep 100"])
    eventually(lambda: "| port " in sidecar.text)
    told = [line.split(" | ")[1].strip() for line in sidecar.output if " | " in line]
    names = {line.split("=")[0] for line in told if "=" in line}
    assert names == {"OUTRIDER_LOGIC_ADDRESS", "OUTRIDER_LOGIC_PROTOCOL", "OUTRIDER_PROJECTOR_ADDRESS"}
    (address,) = [line for line in told if line.startswith("OUTRIDER_LOGIC_ADDRESS=")]
    assert f"port {address.rsplit(':', 1)[1]}" in told
    assert not address.endswith(":1737")


def test_child_cannot_speak_to_the_terminal(start):
    sidecar = start(logic=["sh", "-c", r"printf '\033]0;owned\007\342\200\256end\n'; sleep 100"])
    eventually(lambda: r"\u{1b}]0;owned\u{7}\u{202e}end" in sidecar.text)
    assert not any(sign in sidecar.text for sign in "\x1b\x07\u202e")


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_under_way_is_finished_before_the_end(start, number):
    logic, asked = Logic(), threading.Event()

    def take_a_second(request, context):
        asked.set()
        time.sleep(1)
        return echo(request, context)

    logic.answer = take_a_second
    sidecar = start(address=logic.address)
    client, root = Client(sidecar), new_root()
    under_way = client.coordinator.Handle.future(commands(root, b"x"), timeout=15)
    assert asked.wait(10)
    sidecar.process.send_signal(number)
    assert under_way.result().books
    assert sidecar.process.wait(20) == 0
    assert Client(start(address=logic.address)).numbers(root) == [0]
    logic.stop()


def test_idle_sidecar_stops_at_once(start):
    sidecar = start()
    began = time.monotonic()
    assert sidecar.stop() == 0
    assert time.monotonic() - began < 5


def test_calls_that_never_end_by_themselves_do_not_hold_up_the_end(start):
    logic = Logic()
    sidecar = start(address=logic.address, options=["--drain-timeout=1m"])
    client, root = Client(sidecar), new_root()
    client.handle(commands(root, b"x"))
    wanted = queue.SimpleQueue()
    wanted.put(evented.Query(domain=DOMAIN, root=evented.UUID(value=root)))
    synchronized = client.query.Synchronize(iter(wanted.get, None))
    watched = client.projections.Watch(projections_pb2.WatchProjectionsRequest(projector=PROJECTOR, domain=DOMAIN))
    endings = commands_pb2_grpc.CommandsStub(client.channels["command-handler"]).Watch(
        commands_pb2.WatchCommandsRequest(domain=DOMAIN))
    followed = client.log(follow=True)
    for call in followed, synchronized, watched:
        next(call)
    assert sidecar.stop(timeout=20) == 0
    for call in followed, synchronized, watched, endings:
        assert "shuts down" in refused(lambda: next(call), Status.UNAVAILABLE)
    wanted.put(None)
    logic.stop()


# Sudden death


def test_kill_under_load_loses_nothing_and_doubles_nothing(start):
    sidecar = start()
    client, acknowledged, pending = Client(sidecar), {}, {}
    roots = [new_root() for _ in range(20)]

    def record_until_death(worker):
        for step in range(1_000_000):
            key, root = str(uuid.uuid4()), roots[(worker + step) % len(roots)]
            pending[key] = root
            try:
                answer = client.record(facts(root, key.encode(), command_id=key))
            except grpc.RpcError:
                return
            acknowledged[key] = (root, answer.books[0].pages[0])
            del pending[key]

    with ThreadPoolExecutor(16) as pool:
        work = [pool.submit(record_until_death, worker) for worker in range(16)]
        eventually(lambda: len(acknowledged) > 500, timeout=30)
        sidecar.kill()
    assert all(each.exception() is None for each in work)
    assert pending

    client = Client(start())
    for key, root in pending.items():
        answer = client.record(facts(root, key.encode(), command_id=key))
        acknowledged[key] = (root, answer.books[0].pages[0])
    streams = {root: client.events(root) for root in roots}
    for root, pages in streams.items():
        assert [page.num for page in pages] == list(range(len(pages)))
    for root, page in acknowledged.values():
        assert streams[root][page.num] == page
    log = list(client.log())
    assert [entry.position.number for entry in log] == list(range(1, len(log) + 1))
    assert sorted(entry.book.command_id for entry in log) == sorted(acknowledged)


def test_projections_go_on_after_sudden_death(start):
    logic, roots = Logic(), [new_root() for _ in range(10)]
    for _ in range(3):
        sidecar = start(address=logic.address)
        client = Client(sidecar)
        for root in roots:
            client.handle(commands(root, b"x"), timeout=30)
        sidecar.kill()
    client = Client(start(address=logic.address))
    for root in roots:
        eventually(lambda: client.projection(root) and client.projection(root).sequence == 2, 30)
    logic.stop()


# What can go wrong at start


def test_taken_port_stops_the_start_and_is_named(start):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(DidNotStart) as failure:
            start(options=[f"--port-query-handler={port}"])
    assert str(port) in str(failure.value)


def test_two_processes_on_the_same_data_are_one_store(start):
    """Each decides on what it believes to be the state; the store tells who was first."""
    logic = Logic()
    clients = [Client(start(address=logic.address)) for _ in range(2)]
    roots = [new_root() for _ in range(5)]

    def send(number):
        book = commands(roots[number % 5], b"%d" % number, command_id=str(number))
        while True:
            try:
                return clients[number % 2].handle(book, timeout=30)
            except grpc.RpcError as error:
                assert error.code() == Status.ABORTED, error  # others were faster: again

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(200)))
    for root in roots:
        pages = clients[0].events(root)
        assert pages == clients[1].events(root)
        assert [page.num for page in pages] == list(range(40))
    acknowledged = [page for answer in answers for page in answer.books[0].pages]
    stored = [page for root in roots for page in clients[0].events(root)]
    assert sorted(payloads(acknowledged)) == sorted(payloads(stored))
    for root in roots:
        eventually(lambda: clients[1].projection(root) and clients[1].projection(root).sequence == 39)
        assert counted(clients[1].projection(root)) == 40
    logic.stop()


@pytest.mark.parametrize("option, name", [
    ("--limit-cache-size=lots", "limit.cache-size"),
    ("--port-projector=70000", "port.projector"),
    ("--no-such-thing=1", "no-such-thing"),
])
def test_bad_setting_stops_the_start_and_is_named(start, option, name):
    with pytest.raises(DidNotStart) as failure:
        start(options=[option])
    assert name in str(failure.value)


def test_unknown_environment_variable_stops_the_start(start, monkeypatch):
    monkeypatch.setenv("OUTRIDER_PROT_PROJECTOR", "1")
    with pytest.raises(DidNotStart) as failure:
        start()
    assert "OUTRIDER_PROT_PROJECTOR" in str(failure.value)


def test_every_role_says_that_it_serves(start):
    sidecar = start()
    for role in sidecar.called:
        stub = health_pb2_grpc.HealthStub(sidecar.channel(role))
        eventually(
            lambda: stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status
            == health_pb2.HealthCheckResponse.SERVING)


# The disk


def test_full_disk_is_unavailable_and_never_a_false_ok(start, tmp_path):
    """The store lies on a file system of 4 MB of its own."""
    data = tmp_path / "small"
    data.mkdir()
    mount = f'mount -t tmpfs -o size=4m none "{data}"'
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("may not mount a file system here")
    sidecar = start(data=data, wrapper=["unshare", "-m", "sh", "-c", f'{mount} && exec "$0" "$@"'])
    client, root, stored = Client(sidecar), new_root(), []
    for _ in range(200):
        try:
            answer = client.record(facts(root, bytes(50_000)))
            stored += [page.num for page in answer.books[0].pages]
        except grpc.RpcError as error:
            assert error.code() in (Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED), error
            break
    else:
        pytest.fail("the disk never got full")
    assert client.numbers(root) == stored == list(range(len(stored)))
