"""Sagas: events become commands, in one process and in several, with all that may go wrong."""

import json
import re
import sqlite3
import subprocess
import time

import grpc
import pytest
from client import Client, cover, eventually, new_root
from evented import evented_pb2 as evented
from google.protobuf import empty_pb2, wrappers_pb2
from listening import free_address
from logic import Logic
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import parked_pb2, saga_pb2, sagas_pb2, trace_pb2

APPENDED, REFUSED = outcomes.CommandOutcome.APPENDED, outcomes.CommandOutcome.REFUSED


def configure(directory, logic, **settings):
    """A file with the domains `order` and `stock`, and the saga `ship` on orders."""
    lines = "".join(f"    {key.replace('_', '-')}: {value}\n" for key, value in settings.items())
    path = directory / "shop.yaml"
    path.write_text(f"""
domains:
  - name: order
    logic:
      address: {logic.address}
  - name: stock
    logic:
      address: {logic.address}

sagas:
  - name: ship
    domains: [order]
    logic:
      address: {logic.address}
{lines}""")
    return path


@pytest.fixture
def logic():
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def shop(start, tmp_path, logic):
    """Starts the shop, with settings of its saga."""

    def shop(**settings):
        return Client(start(config=configure(tmp_path, logic, **settings)))

    return shop


def book(domain, root, *payloads, **fields):
    made = evented.CommandBook(cover=cover(root, domain), **fields)
    for payload in payloads:
        made.pages.add().command.Pack(wrappers_pb2.BytesValue(value=payload))
    return made


def events(client, domain, root):
    query = evented.Query(domain=domain, root=evented.UUID(value=root))
    return [value(page.Event) for book in client.query.GetEvents(query, timeout=10) for page in book.pages]


def value(packed):
    wrapped = wrappers_pb2.BytesValue()
    assert packed.Unpack(wrapped)
    return wrapped.value


def instance(client, key):
    return client.sagas.Get(sagas_pb2.GetSagaInstanceRequest(key=key), timeout=10)


def commanding(domain, *roots, payload=b"go"):
    """A saga that sends a command to each root for each event, and counts its inputs in its state."""

    def react(given, context):
        count, answer = wrappers_pb2.StringValue(), saga_pb2.SagaReaction()
        given.state.Unpack(count)
        answer.state.Pack(wrappers_pb2.StringValue(value=str(int(count.value or 0) + 1)))
        if given.HasField("events"):
            answer.commands.extend(book(domain, root, payload) for root in roots)
        return answer

    return react


def test_events_become_commands_and_their_ends_come_back(shop, logic):
    order, stock = new_root(), new_root()
    logic.react = commanding("stock", stock)
    client = shop()
    client.handle(book("order", order, b"one", command_id="first", correlation="case-1"))
    eventually(lambda: len(logic.inputs) == 2)
    event, outcome = logic.inputs
    assert (event.saga, event.key, value(event.events.pages[0].Event)) == ("ship", "case-1", b"one")
    assert outcome.outcome.end == APPENDED
    assert value(outcome.outcome.events.pages[0].Event) == b"go"
    assert value(outcome.outcome.command.pages[0].command) == b"go"
    sent = next(iter(client.query.GetEvents(
        evented.Query(domain="stock", root=evented.UUID(value=stock)))))
    assert sent.correlation == "case-1"
    assert sent.cause.cover.domain == "$saga.ship"
    assert sent.command_id == outcome.outcome.command.command_id
    shown = eventually(lambda: (seen := instance(client, "case-1")) and len(seen.steps) == 2 and seen)
    assert shown.state.key == "case-1"
    assert not shown.state.pending
    assert shown.steps[1].step.outcome.command.command_id == sent.command_id


def test_causes_are_followed_through_the_saga(shop, logic):
    order, stock = new_root(), new_root()
    logic.react = commanding("stock", stock)
    client = shop()
    client.handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: len(logic.inputs) == 2)
    eventually(lambda: len(instance(client, "case").steps) == 2)
    start = trace_pb2.EventReference(cover=cover(stock, "stock"))
    nodes = list(client.trace.Get(trace_pb2.TraceRequest(event=start), timeout=10))
    assert [(node.cover.domain, node.parent, node.is_start) for node in nodes] == [
        ("order", 0, False), ("$saga.ship", 1, False), ("stock", 2, True), ("$saga.ship", 3, False)]


def test_a_refusal_comes_back_and_is_not_tried_again(shop, logic):
    order, stock = new_root(), new_root()
    logic.react = commanding("stock", stock)

    def answer(request, context):
        if request.command.cover.domain == "stock":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "sold out")
        made = evented.EventBook(cover=request.command.cover)
        made.pages.add().Event.CopyFrom(request.command.pages[0].command)
        return made

    logic.answer = answer
    client = shop()
    client.handle(book("order", order, b"one"))
    eventually(lambda: len(logic.inputs) == 2)
    outcome = logic.inputs[1].outcome
    assert (outcome.end, outcome.code, outcome.message) == (
        REFUSED, grpc.StatusCode.FAILED_PRECONDITION.value[0], "sold out")
    assert sum(request.command.cover.domain == "stock" for request in logic.requests) == 1


def test_the_first_reaction_stands(shop, logic, start, tmp_path):
    order, roots = new_root(), [new_root(), new_root()]
    asked = []

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            asked.append(given)
            answer.commands.append(book("stock", roots[len(asked) - 1], b"go"))
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: events(client, "stock", roots[0]))
    # The saga's progress is forgotten, as if the process had died before it was saved.
    forget_progress(tmp_path / "data")
    client.handle(book("order", order, b"two", correlation="other"))
    eventually(lambda: len(asked) == 2)
    assert events(client, "stock", roots[0]) == [b"go"]


def forget_progress(data):
    for path in data.glob("order*.sqlite*"):
        if path.name.endswith(("-wal", "-shm")):
            continue
        with sqlite3.connect(path) as file:
            file.execute("DELETE FROM records")
            file.execute("DELETE FROM checkpoints")


def test_a_timer_fires_and_a_cancelled_one_does_not(shop, logic):
    fired, order = [], new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        match given.WhichOneof("input"):
            case "events":
                for name, seconds in (("soon", 0.3), ("never", 0.5)):
                    answer.timers.add(name=name).after.FromMilliseconds(int(seconds * 1000))
            case "timer":
                fired.append((given.timer.name, time.time(), given.timer.due.ToNanoseconds() / 1e9))
                answer.cancelled_timers.append("never")
                answer.timers.add(name="last").after.FromMilliseconds(400)
                if given.timer.name == "last":
                    answer.finished = True
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: len(fired) == 2)
    assert [name for name, _, _ in fired] == ["soon", "last"]
    assert all(at >= due for _, at, due in fired)
    shown = eventually(lambda: (seen := instance(client, "case")).state.finished and seen)
    assert not shown.state.timers


def test_a_domain_that_nobody_serves_is_waited_for_and_holds_up_nobody_else(
        start, executable, tmp_path, logic):
    """Routed elsewhere: nobody listens there at first, and `outrider status` says so."""
    order, waits, flows = new_root(), new_root(), new_root()
    elsewhere = free_address()
    path = configure(tmp_path, logic)
    path.write_text(path.read_text() + f"\nroutes:\n  - domain: far\n    address: {elsewhere}\n")

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            answer.commands.append(book("far", waits, b"later"))
            answer.timers.add(name="patience").after.FromMilliseconds(100)
        elif given.HasField("timer"):
            answer.commands.append(book("stock", flows, b"meanwhile"))
        return answer

    logic.react = react
    sidecar = start(config=path)
    client = Client(sidecar)

    def status():
        return subprocess.run(
            [executable, "status", sidecar.addresses["saga"]], capture_output=True, text=True, timeout=20).stdout

    client.handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: events(client, "stock", flows) == [b"meanwhile"])
    eventually(lambda: re.search(r"FAILING +commands-wait .*\$saga.ship.* commands for far wait: ", status()))
    eventually(lambda: [
        command.cover.domain for command in instance(client, "case").state.pending] == ["far"])
    far = Client(start(
        data=tmp_path / "far", role="command-handler", domain="far", address=logic.address,
        options=[f"--port-command-handler={elsewhere.rpartition(':')[2]}"]))
    eventually(lambda: not instance(client, "case").state.pending, timeout=20)
    assert "commands-wait" not in status()
    repeated = far.handle(book("far", waits, b"later", command_id=instance(client, "case").steps[-1].step.outcome.command.command_id))
    assert repeated.already_handled


def test_one_poisoned_instance_is_parked_and_all_others_flow(shop, logic):
    order, stock = new_root(), new_root()
    healthy = commanding("stock", stock)

    def react(given, context):
        if given.key == "poison" and given.HasField("events"):
            context.abort(grpc.StatusCode.INTERNAL, "no idea")
        return healthy(given, context)

    logic.react = react
    client = shop(tries=2, retry_time="100ms")
    for number in range(6):
        client.handle(book("order", new_root(), b"fine", correlation=f"healthy-{number}"))
    client.handle(book("order", order, b"bad", correlation="poison"))
    client.handle(book("order", order, b"good", correlation="fine"))
    eventually(lambda: len(events(client, "stock", stock)) == 7)
    parked = eventually(lambda: [
        entry for entry in client.parked_instances.List(
            parked_pb2.ListParkedRequest(domain="$saga.ship")).parked])
    assert parked[0].reason.startswith("no idea")
    # What comes for it meanwhile waits behind.
    client.handle(book("order", order, b"more", correlation="poison"))
    eventually(lambda: len(instance(client, "poison").steps) == 2)
    logic.react = healthy
    outcome = client.parked_instances.Retry(parked_pb2.RetryParkedRequest(
        subscription="ship", domain="$saga.ship", root=parked[0].root), timeout=20)
    assert not outcome.HasField("still_parked")
    eventually(lambda: len(events(client, "stock", stock)) == 9)


def test_a_circle_of_commands_ends(start, tmp_path, logic):
    root = new_root()
    path = configure(tmp_path, logic, tries=1)
    path.write_text(path.read_text() + "\nlimit:\n  saga-depth: 5\n")
    logic.react = commanding("order", root)
    client = Client(start(config=path))
    client.handle(book("order", root, b"one", correlation="circle"))
    parked = eventually(lambda: client.parked_instances.List(
        parked_pb2.ListParkedRequest(domain="$saga.ship")).parked, timeout=20)
    assert "5 steps of sagas lie before" in parked[0].reason
    assert len(events(client, "order", root)) <= 7


@pytest.mark.parametrize("answer", [b"\xff\xff", saga_pb2.SagaReaction(
    commands=[evented.CommandBook()]), saga_pb2.SagaReaction(timers=[saga_pb2.SagaTimer(name="x")] )])
def test_nonsense_is_named_and_parks_the_instance(shop, logic, answer):
    client = shop(tries=1)
    logic.react = lambda given, context: answer if given.key == "bad" else saga_pb2.SagaReaction()
    for number in range(6):
        client.handle(book("order", new_root(), b"fine", correlation=f"healthy-{number}"))
    client.handle(book("order", new_root(), b"one", correlation="bad"))
    parked = eventually(lambda: client.parked_instances.List(
        parked_pb2.ListParkedRequest(domain="$saga.ship")).parked)
    assert "answered a wrong reaction" in parked[0].reason


def test_a_synchronous_saga_is_part_of_the_answer(shop, logic):
    """What it leads to, and what that leads to, stands in the answer."""
    first, second = new_root(), new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            answer.commands.append(book("stock", first, b"first"))
        elif value(given.outcome.command.pages[0].command) == b"first":
            answer.commands.append(book("stock", second, b"second"))
        else:
            answer.finished = True
        return answer

    logic.react = react
    client = shop(synchronous="true")
    command = book("order", new_root(), b"one", correlation="case")
    command.pages[0].synchronous = True
    answer = client.handle(command)
    assert [value(page.Event) for book in answer.books for page in book.pages] == [
        b"one", b"first", b"second"]
    assert not answer.failures
    assert events(client, "stock", first) == [b"first"]
    # The dispatcher sends them again, and each is carried out once.
    eventually(lambda: len(instance(client, "case").steps) == 3)
    assert events(client, "stock", second) == [b"second"]


def test_a_synchronous_saga_whose_logic_fails_is_reported_beside_the_events(shop, logic):
    def react(given, context):
        context.abort(grpc.StatusCode.INTERNAL, "no idea")

    logic.react = react
    client = shop(synchronous="true")
    command = book("order", new_root(), b"one")
    command.pages[0].synchronous = True
    answer = client.handle(command)
    assert [value(page.Event) for book in answer.books for page in book.pages] == [b"one"]
    assert [(failure.processor, failure.code) for failure in answer.failures] == [
        ("ship", grpc.StatusCode.INTERNAL.value[0])]


def test_a_saga_of_evented_is_handed_events_in_order(shop, logic):
    order, seen = new_root(), []
    logic.saga = lambda given, context: seen.append(given) or empty_pb2.Empty()
    client = shop(style="evented")
    for payload in (b"one", b"two", b"three"):
        client.handle(book("order", order, payload))
    eventually(lambda: len(seen) == 3)
    assert [value(page.Event) for given in seen for page in given.pages] == [b"one", b"two", b"three"]


def test_what_a_saga_of_evented_answers_is_recorded_and_part_of_the_answer(shop, logic):
    stock = new_root()

    def answer(given, context):
        response = evented.SynchronousProcessingResponse()
        fact = response.books.add(cover=cover(stock, "stock"))
        fact.pages.add().Event.CopyFrom(given.pages[0].Event)
        return response

    logic.saga_sync = answer
    client = shop(style="evented", synchronous="true")
    command = book("order", new_root(), b"one", correlation="case")
    command.pages[0].synchronous = True
    answer = client.handle(command)
    assert [(book.cover.domain, value(page.Event)) for book in answer.books for page in book.pages] == [
        ("order", b"one"), ("stock", b"one")]
    stored = next(iter(client.query.GetEvents(
        evented.Query(domain="stock", root=evented.UUID(value=stock)))))
    assert stored.correlation == "case"


def test_instances_are_listed_and_shown(shop, logic, executable):
    stock = new_root()
    logic.react = commanding("stock", stock)
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(logic.inputs) == 2)
    address = client.addresses["saga"]

    def outrider(*arguments):
        return subprocess.run(
            [executable, "saga", *arguments, f"--address={address}"], capture_output=True, text=True,
            timeout=60)

    listed = eventually(lambda: (done := outrider("list")).stdout.startswith("case ") and done)
    assert listed.returncode == 0
    shown = eventually(
        lambda: (done := outrider("show", "ship", "case", "--json")) and done.stdout
        and len(json.loads(done.stdout)["steps"]) == 2 and done)
    steps = json.loads(shown.stdout)["steps"]
    assert steps[0]["sent"][0]["domain"] == "stock"
    assert steps[1]["trigger"]["outcome"]["end"].startswith("led to 1 events")
    assert "→ stock/" in outrider("show", "ship", "case").stdout
    assert "has no instance nobody" in outrider("show", "ship", "nobody").stderr
