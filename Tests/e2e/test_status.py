"""`outrider status`: what is wrong is on the screen within seconds, under its name, with what to do."""

import json
import os
import re
import subprocess
import threading
import time
from pathlib import Path

import grpc
import pytest
from brokers import RabbitMQ
from certificates import issue, sign_itself
from client import Client, commands, eventually, facts, new_root
from engine import Engine
from evented import evented_pb2 as evented
from listening import free_address
from logic import Logic, count, echo
from outrider.v1 import parked_pb2, status_pb2, status_pb2_grpc
from sidecar import DOMAIN, PROJECTOR
from subscriber import Subscriber
from test_store_faults import may_mount

NAMED = 5  # seconds, from the fault to its name on the screen
WELL, WARNING, FAILING, UNREACHABLE = 0, 2, 3, 69
EVENTS = b"x" * 2000


class Screen:
    """What `outrider status` shows."""

    def __init__(self, executable, arguments):
        done = subprocess.run(
            [executable, "status", *arguments], capture_output=True, text=True, timeout=20, cwd="/",
            env={"HOME": "/nowhere", "PATH": os.environ["PATH"]})
        self.text, self.exit, self.error = done.stdout, done.returncode, done.stderr
        self.last = done.stdout.rstrip("\n").rpartition("\n")[2]
        #: The codes of what it finds.
        self.found = re.findall(r"^(?:FAILING|WARNING)  (\S+)", done.stdout, re.MULTILINE)


@pytest.fixture
def look(executable):
    def look(*sidecars, options=()):
        addresses = [address for each in sidecars for address in each.called.values()]
        return Screen(executable, [*addresses, *options])

    return look


@pytest.fixture
def expect(look):
    """Waits until all is well, does something about it, and has it named as the first thing to do."""

    def expect(code, severity, *sidecars, fault, options=(), mend=None):
        def shows(condition):
            last = None

            def holds():
                nonlocal last
                last = look(*sidecars, options=options)
                return condition(last) and last

            try:
                return eventually(holds, NAMED)
            except AssertionError:
                raise AssertionError(last.text + last.error) from None

        eventually(lambda: look(*sidecars, options=options).exit == WELL, 20)
        fault()
        screen = shows(lambda screen: screen.last.startswith(f"{code}: "))
        assert screen.exit == severity
        assert code in screen.found
        if mend:
            mend()
            eventually(lambda: look(*sidecars, options=options).last == "all is well", 20)
        return screen

    return expect


@pytest.fixture
def own_logic():
    """Logic of the test's own, at an address at which it can come back."""
    address = free_address()
    logics = [Logic(address)]
    yield logics
    for logic in logics:
        logic.stop()


# All is well


def test_all_is_well_on_one_screen(look, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address)
    Client(sidecar).record(facts(new_root(), b"x"))
    screen = eventually(lambda: (shown := look(sidecar)).exit == WELL and "0 commits, 0.0 s behind" in shown.text and shown)
    assert screen.last == "all is well"
    assert screen.text.count("process ") == 1  # three addresses, one process
    for role in "command-handler", "query-handler", "projector":
        assert re.search(rf"{role} +{re.escape(sidecar.addresses[role])} +serving", screen.text)
    process = re.match(r"process (\S+)", screen.text)[1]
    assert re.search(rf"bank +balance +at 1 of 1 .* by {process} since \S+, 0 changes a minute", screen.text)


def test_it_is_there_at_once(look, start, logic_process):
    sidecar = start(address=logic_process.address)
    eventually(lambda: look(sidecar).exit == WELL)

    def seconds():
        began = time.monotonic()
        look(sidecar)
        return time.monotonic() - began

    assert min(seconds() for _ in range(10)) < 0.3  # unoptimized, with others on the machine


def test_json_is_what_the_service_tells(executable, start, logic_process):
    sidecar = start(address=logic_process.address)
    address = sidecar.addresses["query-handler"]
    with grpc.insecure_channel(address) as channel:
        told = status_pb2_grpc.StatusStub(channel).Get(status_pb2.GetStatusRequest(), timeout=10)
    done = Screen(executable, [address, "--json"])
    process, last = map(json.loads, done.text.splitlines())
    assert process["address"] == address
    assert process["status"]["process"] == told.process
    assert [role["role"] for role in process["status"]["roles"]] == [role.role for role in told.roles]
    assert set(last) == {"findings", "advice"}


def test_who_does_not_answer_is_named(executable, start, logic_process):
    sidecar = start(address=logic_process.address)
    nobody = free_address()
    screen = Screen(executable, [sidecar.addresses["query-handler"], nobody])
    assert screen.exit == UNREACHABLE
    assert screen.last.startswith("unreachable: ") and screen.last.endswith(f"({nobody})")
    assert "query-handler" in screen.text


def test_who_answers_otherwise_is_no_outrider(executable, logic_process):
    screen = Screen(executable, [logic_process.address])
    assert screen.exit == FAILING
    assert screen.last.startswith("status-refused: ") and "UNIMPLEMENTED" in screen.text


def test_watching_shows_it_again_and_again(executable, start, logic_process):
    sidecar = start(address=logic_process.address)
    watching = subprocess.Popen(
        [executable, "status", "--watch", sidecar.addresses["query-handler"]], stdout=subprocess.PIPE, text=True)
    ended = threading.Timer(20, watching.kill)
    ended.start()
    try:
        shown = 0
        while shown < 2:
            line = watching.stdout.readline()
            assert line, "it ended by itself"
            shown += line.startswith("process ")
    finally:
        ended.cancel()
        watching.kill()
        watching.wait()
        watching.stdout.close()


# Twelve faults


def test_logic_that_is_down(expect, start, own_logic):
    sidecar = start(address=own_logic[0].address)
    expect("logic-down", FAILING, sidecar, fault=own_logic[0].stop,
           mend=lambda: own_logic.append(Logic(own_logic[0].address)))


@pytest.fixture
def engine(tmp_path):
    engine = Engine(tmp_path / "engine").start("--owner", str(os.getpid()))
    yield engine
    engine.kill()


def shop(engine):
    server, _, options = engine.uri.partition("?")
    return f"{server.rstrip('/')}/shop?{options}&serverSelectionTimeoutMS=300"


def test_store_that_is_away(expect, start, engine, logic_process):
    sidecar = start(data=shop(engine), address=logic_process.address)
    expect("store-away", FAILING, sidecar, fault=engine.kill,
           mend=lambda: engine.start("--owner", str(os.getpid())))


def test_clock_that_is_off(expect, start, engine, logic_process):
    sidecar = start(data=shop(engine), address=logic_process.address)

    def restart(*options):
        engine.stop()
        engine.start("--owner", str(os.getpid()), *options)

    screen = expect("clock-off", WARNING, sidecar, fault=lambda: restart("--clock-offset=-7"), mend=restart)
    (ahead,) = re.findall(r"([\d.]+) s ahead", screen.text)
    assert 6.5 < float(ahead) < 7.5  # less or more by half of what the question took


@pytest.fixture
def broker(tmp_path):
    broker = RabbitMQ(tmp_path / "broker").start()
    yield broker
    broker.kill()


def bind(broker):
    """Has a queue take what is published."""
    channel = broker.channel()
    channel.exchange_declare("status", "topic", durable=True)
    channel.queue_declare("all", durable=True)
    channel.queue_bind("all", "status", "#")
    channel.connection.close()


def test_broker_that_is_away_and_message_that_goes_nowhere(expect, start, broker, logic_process):
    sidecar = start(role="command-handler", address=logic_process.address, options=[f"--channel={broker.uri}?exchange=status"])
    client = Client(sidecar)
    expect("unroutable", FAILING, sidecar, fault=lambda: client.record(facts(new_root(), b"x")), mend=lambda: bind(broker))
    screen = expect("broker-away", FAILING, sidecar, fault=broker.kill)
    assert "rabbitmq:status" in screen.text


def refuse(book, context):
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, "it was not to my liking")


def test_aggregate_that_is_parked(expect, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=["--projector-tries=1"])
    root = new_root()

    def fault():
        logic_process.project = refuse
        Client(sidecar).record(facts(root, b"x"))

    def mend():
        logic_process.reset()
        Client(sidecar).parked.Retry(parked_pb2.RetryParkedRequest(
            subscription=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=root)), timeout=10)

    screen = expect("parked", WARNING, sidecar, fault=fault, mend=mend)
    assert "it was not to my liking" in screen.text and "outrider parked retry balance bank/" in screen.last


def test_aggregate_that_is_poisoned(expect, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=["--projector-tries=1000", "--projector-retry-time=1s"])

    def fault():
        logic_process.project = refuse
        Client(sidecar).record(facts(new_root(), b"x"))

    screen = expect("poisoned", WARNING, sidecar, fault=fault, mend=logic_process.reset)
    assert "event 0 of bank/" in screen.text and "it was not to my liking" in screen.text


def test_lag_that_grows(expect, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=["--status-lag=1s"])
    may_go_on = threading.Event()

    def wait(book, context):
        assert may_go_on.wait(60)
        return count(book, context)

    def fault():
        logic_process.project = wait
        for _ in range(3):
            Client(sidecar).record(facts(new_root(), b"x"))

    screen = expect("lag", WARNING, sidecar, fault=fault, mend=may_go_on.set)
    assert "3 commits" in screen.text


def test_lag_of_a_projector_that_does_not_run(look, expect, start, logic_process):
    """The command-handler reads it from the log: nobody has to own up to it."""
    logic_process.reset()
    writer = start(role="command-handler", address=logic_process.address, options=["--status-lag=1s"])
    projector = start(role="projector", address=logic_process.address)
    Client(writer).record(facts(new_root(), b"x"))
    eventually(lambda: "balance" in (shown := look(writer)).text and "0 commits" in shown.text)

    def fault():
        projector.stop()
        Client(writer).record(facts(new_root(), b"x"))

    expect("nobody-follows", FAILING, writer, fault=fault)


def test_lag_of_a_durable_subscription_without_consumers(expect, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=["--status-lag=1s"])
    client, consumers = Client(sidecar), []

    def consume(count):
        consumers.append(Subscriber(sidecar, "mailer"))
        consumers[-1].expect(count)
        consumers[-1].finish()

    client.record(facts(new_root(), b"x"))
    consume(1)
    screen = expect("lag", WARNING, sidecar, fault=lambda: client.record(facts(new_root(), b"x")), mend=lambda: consume(1))
    assert "bank, subscription mailer" in screen.last


def test_lease_that_flaps(look, expect, start, logic_process):
    logic_process.reset()
    writer = start(role="command-handler", address=logic_process.address)
    Client(writer).record(facts(new_root(), b"x"))
    projector = start(role="projector", address=logic_process.address)
    eventually(lambda: " changes a minute" in look(writer).text)

    def fault():
        nonlocal projector
        for _ in range(3):
            projector.stop()
            projector = start(role="projector", address=logic_process.address)
            eventually(lambda: "subscription is active" in projector.text)

    screen = expect("lease-flapping", WARNING, writer, fault=fault)
    assert "3 times within a minute" in screen.text


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a file system of their own")
def test_disk_that_is_nearly_full(expect, start, logic_process, tmp_path):
    data = tmp_path / "disk"
    data.mkdir()
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=32m tmpfs "$0" && exec "$@"', str(data)]
    sidecar = start(data=data, address=logic_process.address, options=["--status-disk-free=8MiB"], wrapper=mount)
    # As the sidecar sees it: nobody else has it mounted.
    ballast = Path(f"/proc/{sidecar.process.pid}/root{data}") / "ballast"
    screen = expect("disk-nearly-full", WARNING, sidecar,
                    fault=lambda: ballast.write_bytes(b"x" * (28 << 20)), mend=ballast.unlink)
    assert "of 32 MiB are free" in screen.text


def test_certificate_that_is_about_to_expire(expect, start, logic_process, tmp_path):
    def make(days):
        sign_itself(tmp_path, "server", "IP:127.0.0.1", days)

    make(400)
    sidecar = start(address=logic_process.address, options=[
        f"--tls-certificate={tmp_path}/server.pem", f"--tls-key={tmp_path}/server.key",
        "--status-certificate-expiry=72h"])
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes((tmp_path / "server.pem").read_bytes())

    def fault():
        make(2)
        with authorities.open("ab") as file:
            file.write((tmp_path / "server.pem").read_bytes())

    screen = expect("certificate-expiring", WARNING, sidecar, fault=fault, options=[f"--tls-authorities={authorities}"])
    assert "expires in 47 hours" in screen.text


def test_history_that_is_too_long(expect, start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=["--limit-history-warning=10KiB"])
    client, root = Client(sidecar), new_root()

    def send(count):
        for _ in range(count):
            client.handle(commands(root, EVENTS))

    def snapshot():
        def answer(request, context):
            book = echo(request, context)
            book.snapshot.sequence = len(request.events.pages)
            book.snapshot.state.CopyFrom(request.command.pages[0].command)
            return book

        logic_process.answer = answer
        send(1)

    screen = expect("history-too-long", WARNING, sidecar, fault=lambda: send(8), mend=snapshot)
    assert "snapshots" in screen.last
