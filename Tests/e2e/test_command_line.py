"""The client commands of `outrider`, as a person and as a script use them."""

import json
import os
import subprocess
import sys
import threading
import uuid

import bank_pb2
import grpc
import pytest
from client import Client, commands, eventually, facts, new_root
from evented import evented_pb2 as evented
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)
from logic import Logic
from sidecar import PROJECTOR, TOP

ROLES = {
    "send": "command-handler", "events": "query-handler", "roots": "query-handler",
    "log": "query-handler", "projection": "query-handler", "parked": "projector",
    "health": "command-handler",
}


@pytest.fixture
def outrider(executable, shared, logic):
    return runner(executable, shared[0])


def runner(executable, sidecar):
    """Runs a client command against a sidecar; returns what it printed, or said of its failure."""

    def run(command, *arguments, input=None, status=0):
        address = sidecar.addresses[ROLES[command]]
        done = subprocess.run(
            [executable, command, *arguments, f"--address={address}"], input=input,
            capture_output=True, timeout=20)
        assert done.returncode == status, done.stderr.decode()
        return done.stdout.decode() if status == 0 else done.stderr.decode()

    return run


def lines(output):
    return [json.loads(line) for line in output.splitlines()]


def text(root):
    return str(uuid.UUID(bytes=root))


def send(outrider, root, payload=b"x", *arguments, **more):
    return outrider(
        "send", "--domain=bank", f"--root={text(root)}", "--type=test.Payload", *arguments, "-",
        input=payload, **more)


def test_command_is_sent_and_its_events_are_shown(outrider, client):
    root = new_root()
    assert "test.Payload" in send(outrider, root)
    assert client.numbers(root) == [0]


def test_events_are_shown_within_bounds(outrider, client):
    root = new_root()
    for _ in range(3):
        client.record(facts(root, b"x"))
    shown = lines(outrider("events", "bank", text(root), "--from=1", "--up-to=2", "--json"))
    assert [event["sequence"] for event in shown] == [1]
    assert text(root) in outrider("roots", "bank")


def test_log_is_shown_and_followed(executable, outrider, shared, client):
    root = new_root()
    client.record(facts(root, b"x"))
    last = lines(outrider("log", "bank", "--json"))[-1]
    address = shared[0].addresses["query-handler"]
    follower = subprocess.Popen(
        [executable, "log", "bank", "--follow", "--json", f"--address={address}",
         f"--after={last['position']}"], stdout=subprocess.PIPE, text=True)
    try:
        client.record(facts(root, b"y"))
        assert json.loads(follower.stdout.readline())["position"] == last["position"] + 1
    finally:
        follower.kill()
        follower.wait()


def test_projections_are_got_listed_and_watched(executable, outrider, shared, client):
    root = new_root()
    client.handle(commands(root, b"x", synchronous=True))
    assert lines(outrider("projection", "get", PROJECTOR, "bank", text(root), "--json"))
    assert text(root) in outrider("projection", "list", PROJECTOR, "bank")
    address = shared[0].addresses["query-handler"]
    watcher = subprocess.Popen(
        [executable, "projection", "watch", PROJECTOR, "bank", text(root), "--json",
         f"--address={address}"], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watcher.stdout.readline())["sequence"] == 0
        client.handle(commands(root, b"y", synchronous=True))
        assert json.loads(watcher.stdout.readline())["sequence"] == 1
    finally:
        watcher.kill()
        watcher.wait()


@pytest.fixture
def deployment(shared, tmp_path):
    """A configuration that says where the sidecar listens."""
    ports = {role: address.rpartition(":")[2] for role, address in shared[0].called.items()}
    file = tmp_path / "outrider.yaml"
    file.write_text("port:\n" + "".join(
        f"  {role}: {ports[role]}\n" for role in ("command-handler", "query-handler")))
    return file


def test_send_waits_for_a_projector_and_shows_its_projection(executable, deployment, client, logic):
    root, behaviour, released = new_root(), logic.project, threading.Event()

    def hold(book, context):
        released.wait(20)
        return behaviour(book, context)

    logic.project = hold
    sending = subprocess.Popen(
        [executable, "send", "--domain=bank", f"--root={text(root)}", "--type=test.Payload", "--json",
         f"--wait-for={PROJECTOR}", f"--config={deployment}", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    sending.stdin.write("x")
    sending.stdin.close()
    eventually(lambda: client.numbers(root) == [0])
    assert sending.poll() is None
    released.set()
    with sending:
        answer = json.loads(sending.stdout.read())
    assert [event["sequence"] for event in answer["events"]] == [0]
    assert [each["sequence"] for each in answer["projections"]] == [0]
    assert answer["position"] > 0


def test_send_that_waits_in_vain_shows_what_was_appended(executable, deployment, client):
    root = new_root()
    done = subprocess.run(
        [executable, "send", "--domain=bank", f"--root={text(root)}", "--type=test.Payload",
         "--wait-for=nobody", "--deadline=500ms", f"--config={deployment}", "-"],
        input=b"x", capture_output=True, timeout=20)
    assert done.returncode == 75
    assert b"test.Payload" in done.stdout
    assert b"projector nobody has handled the log" in done.stderr


def test_wait_for_needs_more_than_one_address(outrider):
    assert "--context" in send(outrider, new_root(), b"x", f"--wait-for={PROJECTOR}", status=64)


def test_projections_are_asked_for_after_a_position(outrider, client):
    root = new_root()
    position = client.handle(commands(root, b"x")).position
    after = f"--after={position.partition}:{position.number}"
    assert text(root) in outrider("projection", "get", PROJECTOR, f"bank/{text(root)}", after)
    assert text(root) in outrider("projection", "list", PROJECTOR, "bank", after)
    beyond = f"--after={position.number + 1000}"
    assert "and not yet up to" in outrider(
        "projection", "list", PROJECTOR, "bank", beyond, "--deadline=300ms", status=75)


def test_longest_histories_are_shown(outrider, client):
    short, long = new_root(), new_root()
    client.record(facts(short, b"x"))
    client.record(facts(long, b"x" * 100_000))
    longest = lines(outrider("events", "bank", "--stats", "--top=1", "--json"))
    assert [(each["root"], each["events"], each["historyEvents"]) for each in longest] == [(text(long), 1, 1)]
    assert longest[0]["historyBytes"] > 100_000
    assert lines(outrider("events", f"bank/{text(short)}", "--stats", "--json"))[0]["historyBytes"] < 1000


@pytest.mark.parametrize("cure", ["retry", "skip"])
def test_parked_aggregate_is_listed_and_set_going(outrider, client, logic, cure):
    root, behaviour = new_root(), logic.project

    def refuse(book, context):
        if book.cover.root.value == root and cure_is_due:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "poison")
        return behaviour(book, context)

    cure_is_due, logic.project = True, refuse
    client.record(facts(root, b"x"))
    client.record(facts(root, b"y"))
    eventually(lambda: root in client.parked_roots())
    assert "poison" in outrider("parked", "list")
    outrider("parked", "retry", PROJECTOR, "bank", text(root), status=1)
    cure_is_due = False
    outrider("parked", cure, PROJECTOR, "bank", text(root))
    assert root not in client.parked_roots()
    assert client.projection(root).sequence == 1


def test_everything_that_is_parked_is_set_going_at_once(outrider, client, logic):
    roots, behaviour = [new_root() for _ in range(2)], logic.project

    def refuse(book, context):
        if book.cover.root.value in roots:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "poison")
        return behaviour(book, context)

    logic.project = refuse
    for root in roots:
        client.record(facts(root, b"x"))
    eventually(lambda: set(roots) <= set(client.parked_roots()))
    outrider("parked", "retry", "--all", status=1)
    logic.project = behaviour
    assert outrider("parked", "retry", "--all").count("caught up") >= 2
    assert client.parked_roots() == []
    assert outrider("parked", "retry", "--all", PROJECTOR) == ""
    assert "name a projector" in outrider("parked", "retry", PROJECTOR, status=64)


def test_health_is_told(outrider):
    assert "serving" in outrider("health").lower()


def test_refusal_of_the_logic_is_told_with_its_status(outrider, logic):
    def refuse(request, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the balance is too low")

    logic.answer = refuse
    assert "the balance is too low" in send(outrider, new_root(), status=1)


def test_server_that_is_not_there_is_unavailable(executable):
    done = subprocess.run(
        [executable, "health", "--address=127.0.0.1:1", "--deadline=2s"], capture_output=True)
    assert done.returncode == 69


def test_json_goes_in_and_out_with_descriptors(executable, tmp_path, start):
    descriptors = tmp_path / "bank.pb"
    subprocess.run(
        ["protoc", f"-I{TOP}/examples/bank", "--include_imports",
         f"--descriptor_set_out={descriptors}", "bank.proto"], check=True)
    sidecar = start(logic=[sys.executable, f"{TOP}/examples/bank/python/bank.py"])
    done = subprocess.run(
        [executable, "send", "--domain=bank", "--type=bank.OpenAccount",
         f"--descriptors={descriptors}", f"--address={sidecar.addresses['command-handler']}", "-"],
        input=b'{"owner":"Ann"}', capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert b"AccountOpened" in done.stdout and b"Ann" in done.stdout
    assert len(Client(sidecar).roots()) == 1


def test_text_from_a_server_cannot_speak_to_the_terminal(outrider, logic, client):
    """An OSC sequence sets a terminal's title, a C1 one clears it, and U+202E turns text around."""
    hostile = "\x1b]0;owned\x07\x9b2J\u202e\u2028end"

    def refuse(request, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, hostile)

    logic.answer = refuse
    told = send(outrider, new_root(), status=1)
    root = new_root()
    book = facts(root, b"x")
    book.pages[0].Event.type_url = f"x/{hostile}"
    client.record(book)
    shown = outrider("events", "bank", text(root)) + outrider("events", "bank", text(root), "--json")
    for line in told.splitlines()[-1:] + shown.splitlines():
        assert "end" in line and line.isprintable(), line


def bank(tmp_path, name="bank.pb"):
    """The descriptors of the example's messages."""
    tmp_path.mkdir(exist_ok=True)
    subprocess.run(
        ["protoc", f"-I{TOP}/examples/bank", "--include_imports",
         f"--descriptor_set_out={tmp_path / name}", "bank.proto"], check=True)
    return tmp_path / name


def open_account(outrider, *arguments, **more):
    return outrider("send", "--domain=bank", "--type=bank.OpenAccount", *arguments, "-",
                    input=b'{"owner":"Ann"}', **more)


def opened(request, context):
    """Logic that knows the bank's types."""
    book = evented.EventBook(cover=request.command.cover)
    book.pages.add().Event.Pack(bank_pb2.AccountOpened(owner="Ann"))
    return book


def test_logic_with_reflection_needs_no_descriptors(executable, start):
    """Of `send`, `events` and `log`, none is told anything of the bank's types."""
    logic = Logic()
    reflection.enable_server_reflection([reflection.SERVICE_NAME], logic.server)
    logic.answer = opened
    sidecar = start(address=logic.address)
    outrider = runner(executable, sidecar)
    try:
        sent = json.loads(open_account(outrider, "--json"))
        assert sent["events"][0]["payload"] == {"owner": "Ann"}
        name = f"bank/{sent['root']}"
        assert '{"owner":"Ann"}' in outrider("events", name)
        assert lines(outrider("log", "bank", "--json"))[0]["payload"] == {"owner": "Ann"}
    finally:
        logic.stop()


@pytest.mark.parametrize("is_directory", [False, True])
def test_descriptors_at_the_sidecar_serve_every_client(
        executable, start, tmp_path, logic_process, is_directory):
    descriptors = bank(tmp_path / "types")
    logic_process.reset()
    logic_process.answer = opened
    path = descriptors.parent if is_directory else descriptors
    sidecar = start(address=logic_process.address, options=[f"--descriptors={path}"])
    outrider = runner(executable, sidecar)
    sent = json.loads(open_account(outrider, "--json"))
    assert '{"owner":"Ann"}' in outrider("events", f"bank/{sent['root']}")
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(sidecar.channel("query-handler")))
    assert pool.FindMessageTypeByName("bank.AccountOpened").fields_by_name["owner"]


def test_json_that_nothing_describes_is_not_sent(outrider, logic):
    told = open_account(outrider, status=65)
    assert "bank.OpenAccount" in told and "--descriptors" in told
    assert not logic.requests


def test_types_of_protobuf_itself_are_known(outrider, logic):
    root = text(new_root())
    outrider("send", f"--root=bank/{root}", "--type=google.protobuf.Struct", "-",
             input=b'{"bread":[1,true,null]}')
    shown = lines(outrider("events", f"bank/{root}", "--json"))
    assert shown[0]["payload"] == {"bread": [1.0, True, None]}


def test_command_that_was_handled_before_says_so(outrider, logic):
    root = new_root()
    first = json.loads(send(outrider, root, b"x", "--command-id=once", "--json"))
    again = json.loads(send(outrider, root, b"x", "--command-id=once", "--json"))
    assert (first["alreadyHandled"], again["alreadyHandled"]) == (False, True)
    assert (again["root"], again["commandId"]) == (text(root), "once")
    assert first["events"] == again["events"]


@pytest.mark.parametrize("spelling", [
    lambda root: [f"bank/{root}"], lambda root: ["bank", f"urn:uuid:{root}"],
    lambda root: ["bank", root.replace("-", "")], lambda root: ["bank", f"bank/{root}"],
])
def test_aggregate_is_named_as_it_is_printed(outrider, client, spelling):
    root = new_root()
    client.handle(commands(root, b"x", synchronous=True))
    assert outrider("events", *spelling(text(root)))
    assert outrider("projection", "get", PROJECTOR, *spelling(text(root)))


def test_nothing_found_is_said(executable, shared, client):
    root = text(new_root())
    for role, line, said in [
        ("query-handler", ["events", f"bank/{root}"], f"bank/{root} has no events"),
        ("query-handler", ["log", "bank", "--after=4000000"], "has nothing after 4000000"),
        ("query-handler", ["projection", "list", "nobody", "bank"], "has no projections"),
        ("query-handler", ["roots", "nowhere"], "there are no aggregates of nowhere"),
        ("projector", ["parked", "list", "--subscription=nobody"], "nothing is parked"),
    ]:
        done = subprocess.run(
            [executable, *line, f"--address={shared[0].addresses[role]}"], capture_output=True,
            text=True, timeout=20)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert said in done.stderr


def test_context_is_asked_until_another_is_chosen(executable, shared, client, tmp_path):
    root = new_root()
    client.record(facts(root, b"x"))
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    def run(*arguments, **more):
        return subprocess.run(
            [executable, *arguments], capture_output=True, text=True, timeout=20, cwd=tmp_path,
            env=environment | more)

    addresses = [f"--{role}={address}" for role, address in shared[0].called.items()]
    assert run("context", "add", "here", *addresses).returncode == 0
    away = ["--host=127.0.0.1", "--query-handler=127.0.0.1:1"]
    assert run("context", "add", "away", *away).returncode == 0
    assert run("context", "use", "away").returncode == 0
    assert run("roots").returncode == 69
    assert text(root) in run("roots", "--context=here").stdout
    assert text(root) in run("roots", OUTRIDER_CONTEXT="here").stdout
    run("context", "use", "here")
    assert text(root) in run("roots", "bank").stdout
    assert "SERVING" in run("health").stdout
    assert run("context", "list").stdout.splitlines()[1].startswith("* here")
    assert (tmp_path / "outrider/contexts.json").stat().st_mode & 0o777 == 0o600
    run("context", "remove", "here")
    assert "no context \"here\"" in run("roots", "--context=here").stderr


def test_clients_know_the_file_of_this_directory(executable, shared, client, tmp_path):
    root = new_root()
    client.record(facts(root, b"x"))
    host, port = shared[0].addresses["query-handler"].split(":")
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    def roots(**more):
        return subprocess.run(
            [executable, "roots"], capture_output=True, text=True, timeout=20, cwd=tmp_path,
            env=environment | more).stdout

    assert text(root) in roots(OUTRIDER_PORT_QUERY_HANDLER=port)
    (tmp_path / "outrider.yaml").write_text(f"host: {host}\nport:\n  query-handler: {port}\n")
    assert text(root) in roots()


def test_example_of_the_configuration_is_right(executable, tmp_path):
    def run(*arguments):
        return subprocess.run(
            [executable, "config", *arguments], capture_output=True, text=True, timeout=20,
            cwd=tmp_path, env={"HOME": str(tmp_path), "PATH": os.environ["PATH"],
                               "OUTRIDER_THREADS": "3"})

    (tmp_path / "outrider.yaml").write_text(run("example").stdout)
    assert run("check").stdout == "outrider.yaml is right\n"
    shown = {each["key"]: each for each in lines(run("show", "--log-level=debug", "--json").stdout)}
    assert shown["log.level"]["source"] == "flag --log-level"
    assert shown["threads"]["source"] == "environment variable OUTRIDER_THREADS"
    assert shown["store"]["source"].startswith("outrider.yaml:")
    assert shown["projector.coordinator"]["value"] == "127.0.0.1:1315"
