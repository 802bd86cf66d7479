"""Outrider on MongoDB: a server that is away, slow or killed, and replicas that are."""

import contextlib
import json
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
import pymongo
import pytest
from certificates import sign_itself
from client import (
    Client, Status, commands, counted, eventually, facts, new_root, payloads, refused)
from ending import end
from engine import Engine
from evented import evented_pb2 as evented
from google.protobuf.wrappers_pb2 import BytesValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from logic import Logic
from overtaken import Overtaken
from sidecar import DidNotStart, Sidecar

OWNED = ("--owner", str(os.getpid()))


def shop(engine):
    """A database's URI that is quick to say that nobody is there."""
    server, _, options = engine.uri.partition("?")
    return f"{server.rstrip('/')}/shop?{options}&serverSelectionTimeoutMS=300"


@pytest.fixture
def engine(tmp_path):
    engine = Engine(tmp_path / "engine").start(*OWNED)
    yield engine
    engine.kill()


@pytest.fixture
def start(executable):
    """Starts replicas, and leaves none behind."""
    started = []

    def start(uri, **settings):
        started.append(Sidecar(executable, uri, **settings))
        return started[-1].start()

    yield start
    with contextlib.ExitStack() as ending:
        for sidecar in started:
            ending.callback(end, sidecar)


def is_ready(sidecar):
    health = health_pb2_grpc.HealthStub(sidecar.channel("command-handler"))
    answer = health.Check(health_pb2.HealthCheckRequest(), timeout=5)
    return answer.status == health_pb2.HealthCheckResponse.SERVING


def check_log(client, acknowledged):
    """Nothing acknowledged is lost or doubled, and no position is missing.

    The log ends at its settled head: a place that a writer left open when its server went away is settled about a
    second later.
    """
    def stored():
        entries = list(client.log())
        assert [entry.position.number for entry in entries] == list(range(1, len(entries) + 1))
        ids = [entry.book.command_id for entry in entries if not entry.tombstone]
        assert len(ids) == len(set(ids))
        return set(ids)

    eventually(lambda: acknowledged <= stored())


def record_all(client, keys, root, acknowledged):
    for key in keys:
        while key not in acknowledged:
            try:
                client.record(facts(root, key.encode(), command_id=key))
                acknowledged.add(key)
            except grpc.RpcError as error:
                assert error.code() == Status.ABORTED  # the other replica was faster, often


def test_a_server_that_is_away_at_start_is_waited_for(engine, start):
    engine.stop()
    sidecar = start(shop(engine))
    client, root = Client(sidecar), new_root()
    refused(lambda: client.record(facts(root, b"x")), Status.UNAVAILABLE)
    eventually(lambda: "the store does not answer yet" in sidecar.text)
    assert not is_ready(sidecar)
    engine.start(*OWNED)
    eventually(lambda: is_ready(sidecar), timeout=20)
    client.record(facts(root, b"x"))
    assert client.numbers(root) == [0]


def test_a_server_that_goes_away_later_costs_nothing_acknowledged(engine, start):
    sidecar = start(shop(engine))
    client, acknowledged, refusals = Client(sidecar), set(), []

    def record_until_refused(worker):
        root = new_root()
        for _ in range(1_000_000):
            key = str(uuid.uuid4())
            try:
                client.record(facts(root, key.encode(), command_id=key))
            except grpc.RpcError as error:
                refusals.append((error.code(), root, key))
                return
            acknowledged.add(key)

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(record_until_refused, worker) for worker in range(8)]
        eventually(lambda: len(acknowledged) > 200, timeout=30)
        engine.kill()
        eventually(lambda: all(each.done() for each in work), timeout=30)
    assert all(each.exception() is None for each in work)
    assert {code for code, _, _ in refusals} <= {Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED}
    engine.start(*OWNED)

    def repeats():
        try:
            for _, root, key in refusals:
                client.record(facts(root, key.encode(), command_id=key))
                acknowledged.add(key)
        except grpc.RpcError:
            return False
        return True

    eventually(repeats, timeout=30)
    check_log(client, acknowledged)


def test_a_slow_server_does_not_hold_a_caller_beyond_its_deadline(engine, start):
    sidecar = start(shop(engine))
    client, root = Client(sidecar), new_root()
    client.record(facts(root, b"first"))
    admin = pymongo.MongoClient(engine.uri).admin
    admin.command({
        "configureFailPoint": "failCommand", "mode": {"times": 1},
        "data": {"failCommands": ["insert"], "blockConnection": True, "blockTimeMS": 3000}})
    slow = facts(root, b"second", command_id="second")
    with pytest.raises(grpc.RpcError) as failure:
        client.coordinator.Record(slow, timeout=1)
    assert failure.value.code() == Status.DEADLINE_EXCEEDED
    client.record(slow)
    assert client.numbers(root) == [0, 1]
    check_log(client, {"second"})


def test_replicas_share_a_domain_and_one_of_them_may_die(engine, start):
    logic = Logic()
    replicas = [start(shop(engine), address=logic.address) for _ in range(2)]
    clients = [Client(replica) for replica in replicas]
    root, acknowledged = new_root(), set()
    keys = [str(uuid.uuid4()) for _ in range(60)]
    with ThreadPoolExecutor(2) as pool:
        for work in [
            pool.submit(record_all, client, part, root, acknowledged)
            for client, part in zip(clients, (keys[:30], keys[30:]))
        ]:
            work.result()
    assert clients[0].numbers(root) == clients[1].numbers(root) == list(range(60))
    # Whichever follows the log: after it died, the other does, from where it was.
    active = next(each for each in replicas if "subscription is active" in each.text)
    survivor = next(each for each in replicas if each is not active)
    active.kill()
    client = Client(survivor)
    client.record(facts(root, b"last", command_id="last"))
    eventually(lambda: "subscription is active" in survivor.text, timeout=30)
    eventually(
        lambda: (found := client.projection(root)) and counted(found) == 61, timeout=30)
    check_log(client, acknowledged | {"last"})
    logic.stop()


def test_two_command_handlers_on_one_aggregate_lose_no_update(engine, start):
    """Each event holds the count of those before it, so that a lost update would show."""
    logic, each = Logic(), 40
    both_have_asked = threading.Barrier(2, timeout=20)

    def count_up(request, context):
        past = payloads(request.events.pages)
        if not past and len(logic.requests) <= 2:
            both_have_asked.wait()  # so that one of them is too late, for certain
        book = evented.EventBook()
        book.pages.add().Event.Pack(BytesValue(value=b"%d" % len(past)))
        return book

    logic.answer = count_up
    options = ["--projector-enabled=false"]
    clients = [
        Client(start(shop(engine), address=logic.address, options=options)) for _ in range(2)]
    root, acknowledged = new_root(), set()

    def send_all(client):
        for _ in range(each):
            key = str(uuid.uuid4())
            while key not in acknowledged:
                try:
                    client.handle(commands(root, b"count", command_id=key))
                    acknowledged.add(key)
                except grpc.RpcError as error:
                    assert error.code() == Status.ABORTED  # the other was faster, often

    with ThreadPoolExecutor(2) as pool:
        for work in [pool.submit(send_all, client) for client in clients]:
            work.result()
    for client in clients:
        assert payloads(client.events(root)) == [b"%d" % number for number in range(2 * each)]
        check_log(client, acknowledged)
    assert len(logic.requests) > 2 * each
    logic.stop()


def test_wrong_credentials_are_told_and_kept_out_of_the_log(tmp_path, start):
    engine = Engine(tmp_path / "engine").start("--user", "ann", "--password", "right", *OWNED)
    try:
        sidecar = start(shop(engine).replace(":right@", ":wr0ng@"))
        eventually(lambda: "refuses the credentials" in sidecar.text, timeout=20)
        assert not is_ready(sidecar)
        assert "wr0ng" not in sidecar.text
    finally:
        engine.kill()


def test_tls_as_the_uri_says(tmp_path, start):
    sign_itself(tmp_path, "server", "IP:127.0.0.1")
    certificate, both = tmp_path / "server.pem", tmp_path / "both.pem"
    both.write_text((tmp_path / "server.key").read_text() + certificate.read_text())
    engine = Engine(tmp_path / "engine").start("--tls", str(both), *OWNED)
    try:
        client = Client(start(f"{shop(engine)}&tlsCAFile={certificate}"))
        root = new_root()
        client.record(facts(root, b"secret"))
        assert client.numbers(root) == [0]
        stranger = start(shop(engine), options=["--projector-enabled=false"])
        assert not is_ready(stranger)  # its certificate is signed by nobody whom it knows
        eventually(lambda: "certificate verify failed" in stranger.text)
    finally:
        engine.kill()


def test_another_number_of_partitions_is_refused_at_start(engine, start, executable):
    sidecar = start(shop(engine), options=["--partitions=3"])
    Client(sidecar).record(facts(new_root(), b"x"))  # a domain comes to exist with its first event
    sidecar.stop()
    again = Sidecar(executable, shop(engine), options=["--partitions=2"])
    try:
        again.start()
    except DidNotStart:
        pass
    try:
        assert again.process.wait(20) != 0
        eventually(lambda: "has 3 partitions" in again.text)
    finally:
        again.__exit__()


#: How long the store tries a write (`Limits.patience`).
PATIENCE = 10


def test_a_commit_whose_positions_are_always_taken_by_others_is_given_up(engine, start):
    others = Overtaken(engine.uri)
    try:
        uri = f"mongodb://127.0.0.1:{others.port}/shop?directConnection=true"
        client, root = Client(start(uri, options=["--projector-enabled=false"])), new_root()
        began = time.monotonic()
        refused(lambda: client.record(facts(root, b"x", command_id="late"), timeout=60), Status.UNAVAILABLE)
        assert time.monotonic() - began < 2 * PATIENCE
        assert others.taken > 1
        assert client.numbers(root) == []
        others.is_active = False
        assert not client.record(facts(root, b"x", command_id="late"), timeout=60).already_handled
        assert client.numbers(root) == [0]
        assert [entry.book.command_id for entry in client.log() if not entry.tombstone] == ["late"]
    finally:
        others.close()


def test_what_the_driver_warns_of_is_a_line_of_the_log(engine, start):
    sidecar = start(f"{shop(engine)}&noSuchOption=1", role="query-handler")
    eventually(lambda: "nosuchoption" in sidecar.text.lower())
    lines = [json.loads(line) for line in sidecar.output]
    warned, = [line for line in lines if "nosuchoption" in str(line).lower()]
    assert warned["level"] == "warning"
    assert "nosuchoption" in warned["warning"].lower()
