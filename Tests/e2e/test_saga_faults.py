"""Sagas whose logic, commands or processes go wrong, one thing at a time."""

import contextlib
import sqlite3

import grpc
import pytest
from client import Client, eventually, new_root
from evented import evented_pb2 as evented
from google.protobuf import timestamp_pb2
from listening import free_address
from logic import Logic
from outrider.v1 import log_pb2, parked_pb2, saga_pb2
from test_sagas import APPENDED, REFUSED, book, commanding, configure, events, instance, shop, value  # noqa: F401

OWN = "$saga.ship"


@pytest.fixture
def logic():
    logic = Logic()
    yield logic
    logic.stop()


def sent_to(logic, root):
    """The commands that business logic was given for an aggregate."""
    return [request for request in logic.requests if request.command.cover.root.value == root]


def steps(client, key):
    """Those of an instance; none where there is none yet."""
    try:
        return [recorded.step for recorded in instance(client, key).steps]
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        return []


def outcomes_of(logic):
    return [given.outcome for given in logic.inputs if given.HasField("outcome")]


def parked(client):
    return client.parked_instances.List(parked_pb2.ListParkedRequest(domain=OWN), timeout=10).parked


def echoed(request):
    """The event of the same payload, with which business logic answers a command."""
    made = evented.EventBook(cover=request.command.cover)
    made.pages.add().Event.CopyFrom(request.command.pages[0].command)
    return made


def test_a_command_that_has_ended_is_not_sent_again_while_another_end_is_refused(shop, logic):
    """Both are of one step, which is delivered again until the second end is taken."""
    sold_out, there = new_root(), new_root()
    tries = []

    def answer(request, context):
        if request.command.cover.root.value == sold_out and len(sent_to(logic, sold_out)) == 1:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "sold out")
        return echoed(request)

    both = commanding("stock", sold_out, there)

    def react(given, context):
        if given.HasField("outcome") and given.outcome.command.cover.root.value == there:
            # The first tries that count come once the other's end is stored: these have the step delivered again.
            if len(steps(client, "case")) == 2:
                tries.append(given)
            if len(tries) < 3:
                context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return both(given, context)

    logic.answer, logic.react = answer, react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 3)
    assert len(sent_to(logic, sold_out)) == 1
    assert events(client, "stock", sold_out) == []


# Logic that does not answer, or answers too much


def test_logic_that_never_answers_is_asked_again_and_holds_up_nobody_else(shop, logic, gate):
    stock = new_root()
    healthy = commanding("stock", stock)
    stuck = []

    def react(given, context):
        if given.key == "stuck" and given.HasField("events"):
            stuck.append(given)
            if len(stuck) < 3:
                gate.wait(60)
        return healthy(given, context)

    logic.react = react
    client = shop(deadline="500ms", retry_time="1s")
    client.handle(book("order", new_root(), b"stuck", correlation="stuck"))
    eventually(lambda: stuck)
    for number in range(5):
        client.handle(book("order", new_root(), b"fine", correlation=f"healthy-{number}"))
    eventually(lambda: len(events(client, "stock", stock)) == 5)
    assert len(stuck) < 3
    eventually(lambda: len(events(client, "stock", stock)) == 6)
    assert len(stuck) == 3
    assert not parked(client)


def test_ten_thousand_timers_in_one_reaction_park_the_instance(shop, logic):
    def react(given, context):
        answer = saga_pb2.SagaReaction()
        for number in range(10_000 if given.key == "greedy" else 1000):
            answer.timers.add(name=f"timer-{number}").after.FromSeconds(600)
        return answer

    logic.react = react
    client = shop(tries=1)
    for number in range(6):
        client.handle(book("order", new_root(), b"fine", correlation=f"healthy-{number}"))
    client.handle(book("order", new_root(), b"much", correlation="greedy"))
    [entry] = eventually(lambda: parked(client))
    assert "the instance greedy has 10000 timers; it may have 1000" in entry.reason
    eventually(lambda: len(steps(client, "healthy-5")) == 1)
    assert not instance(client, "greedy").state.timers


# Timers, and ends that come late


def test_a_timer_in_the_past_fires_at_once(shop, logic):
    due = timestamp_pb2.Timestamp(seconds=1_000_000_000)

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            answer.timers.add(name="past", due=due)
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 2, timeout=5)
    fired = [given.timer for given in logic.inputs if given.HasField("timer")]
    assert [(timer.name, timer.due) for timer in fired] == [("past", due)]
    assert not instance(client, "case").state.timers


def test_timers_that_are_due_at_once_fire_in_order(shop, logic):
    """As after a standstill, in which all of them have come due."""

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            for number in reversed(range(20)):
                answer.timers.add(name=f"{number}").due.FromSeconds(1_000_000_000 + number)
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 21)
    assert [step.timer.name for step in steps(client, "case")[1:]] == [f"{number}" for number in range(20)]


def test_the_end_of_a_command_is_nothing_to_a_finished_instance(shop, logic, gate):
    slow, last = new_root(), new_root()

    def answer(request, context):
        if request.command.cover.root.value == slow:
            gate.wait(60)
        return echoed(request)

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events") and given.key == "case":
            answer.commands.append(book("stock", slow, b"slow"))
            answer.timers.add(name="patience").after.FromMilliseconds(50)
        elif given.HasField("timer"):
            answer.commands.append(book("stock", last, b"last"))
            answer.finished = True
        return answer

    logic.answer, logic.react = answer, react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: instance(client, "case").state.finished if steps(client, "case") else None)
    gate.set()
    # Its last command is carried out all the same, behind the one that it does not wait for any more.
    eventually(lambda: events(client, "stock", last) == [b"last"])
    assert events(client, "stock", slow) == [b"slow"]
    # What happens to it now is nothing to it, either.
    client.handle(book("order", new_root(), b"two", correlation="case"))
    client.handle(book("order", new_root(), b"three", correlation="another"))
    eventually(lambda: any(given.key == "another" for given in logic.inputs))
    assert not outcomes_of(logic)
    assert [step.WhichOneof("trigger") for step in steps(client, "case")] == ["events", "timer"]
    assert not instance(client, "case").state.pending


@pytest.mark.parametrize("finished", [False, True])
def test_commands_to_one_aggregate_keep_their_order_while_its_domain_is_away(start, tmp_path, logic, finished):
    far, elsewhere = new_root(), free_address()
    path = configure(tmp_path, logic)
    path.write_text(path.read_text() + f"\nroutes:\n  - domain: far\n    address: {elsewhere}\n")
    wanted = [b"%d" % number for number in range(5)]

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            answer.commands.extend(book("far", far, payload) for payload in wanted)
            answer.finished = finished
        return answer

    logic.react = react
    client = Client(start(config=path))
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: steps(client, "case"))
    there = Client(start(data=tmp_path / "far", domain="far", address=logic.address,
                         options=[f"--port-command-handler={elsewhere.rpartition(':')[2]}"]))
    assert eventually(lambda: len(came := events(there, "far", far)) == 5 and came, timeout=30) == wanted
    eventually(lambda: len(outcomes_of(logic)) == (0 if finished else 5))


# Processes that die


def test_what_was_not_sent_when_the_process_died_is_sent_once(start, tmp_path, logic):
    """The reaction is stored, and nobody listens where its command is to go."""
    order, far, elsewhere = new_root(), new_root(), free_address()
    path = configure(tmp_path, logic)
    path.write_text(path.read_text() + f"\nroutes:\n  - domain: far\n    address: {elsewhere}\n")
    logic.react = commanding("far", far)
    sidecar = start(config=path)
    Client(sidecar).handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: steps(Client(sidecar), "case"))
    sidecar.kill()
    there = Client(start(data=tmp_path / "far", domain="far", address=logic.address,
                         options=[f"--port-command-handler={elsewhere.rpartition(':')[2]}"]))
    client = Client(sidecar.start())
    eventually(lambda: len(steps(client, "case")) == 2, timeout=30)
    assert events(there, "far", far) == [b"go"]
    assert len(sent_to(logic, far)) == 1
    assert [outcome.end for outcome in outcomes_of(logic)] == [APPENDED]


def test_what_was_under_way_when_the_process_died_is_done_once(shop, start, tmp_path, logic, gate):
    """The command is with the logic, which has not answered yet."""
    stock = new_root()

    def answer(request, context):
        if request.command.cover.root.value == stock and len(sent_to(logic, stock)) == 1:
            gate.wait(60)
        return echoed(request)

    logic.answer, logic.react = answer, commanding("stock", stock)
    sidecar = start(config=configure(tmp_path, logic))
    Client(sidecar).handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: sent_to(logic, stock))
    sidecar.kill()
    client = Client(sidecar.start())
    eventually(lambda: len(steps(client, "case")) == 2, timeout=30)
    gate.set()
    assert events(client, "stock", stock) == [b"go"]
    assert [outcome.end for outcome in outcomes_of(logic)] == [APPENDED]


def test_a_command_that_was_refused_is_not_sent_again_once_the_instance_has_finished(start, tmp_path, logic, gate):
    """The process dies before all of the step is done, which is delivered again. By then the aggregate would accept
    what it refused before, and nobody would make good for it."""
    stock = new_root()

    def sent(payload):
        return [each for each in sent_to(logic, stock) if value(each.command.pages[0].command) == payload]

    def answer(request, context):
        payload = value(request.command.pages[0].command)
        if payload == b"first" and len(sent(payload)) == 1:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "sold out")
        if payload == b"second" and len(sent(payload)) == 1:
            gate.wait(60)
        return echoed(request)

    def react(given, context):
        reaction = saga_pb2.SagaReaction(finished=given.HasField("outcome"))
        if given.HasField("events"):
            reaction.commands.extend(book("stock", stock, payload) for payload in (b"first", b"second"))
        return reaction

    logic.answer, logic.react = answer, react
    sidecar = start(config=configure(tmp_path, logic))
    Client(sidecar).handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: sent(b"second"))
    assert instance(Client(sidecar), "case").state.finished
    sidecar.kill()
    client = Client(sidecar.start())
    assert eventually(lambda: events(client, "stock", stock), timeout=30) == [b"second"]
    assert len(sent(b"first")) == 1


def test_a_saga_runs_beside_a_command_handler_on_one_store(start, tmp_path, logic, shared_store):
    order, stock = new_root(), new_root()
    logic.react = commanding("stock", stock)
    path = configure(tmp_path, logic)
    roles = ["command-handler", "query-handler"]
    handler, reader = (start(data=shared_store, config=path, role=role) for role in roles)
    saga = Client(start(data=shared_store, config=path, role="saga",
                        options=[f"--command-handler={handler.addresses['command-handler']}"]))
    Client(handler).handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: len(steps(saga, "case")) == 2, timeout=30)
    assert events(Client(reader), "stock", stock) == [b"go"]
    assert [outcome.end for outcome in outcomes_of(logic)] == [APPENDED]
    # Its life is read like any other aggregate's.
    log = list(Client(reader).logs.Read(log_pb2.ReadLogRequest(domain=OWN), timeout=10))
    assert [entry.book.correlation for entry in log] == ["case", "case"]


# What the saga says of its commands, and who hears of events


def test_events_without_the_header_pass_by(shop, logic):
    stock = new_root()
    logic.react = commanding("stock", stock)
    client = shop(key="header:case")
    client.handle(book("order", new_root(), b"none"))
    client.handle(book("order", new_root(), b"empty", headers={"case": ""}))
    client.handle(book("order", new_root(), b"other", headers={"another": "x"}))
    client.handle(book("order", new_root(), b"mine", headers={"case": "seven"}))
    client.handle(book("order", new_root(), b"mine, too", headers={"case": "seven"}))
    eventually(lambda: len(events(client, "stock", stock)) == 2)
    assert {given.key for given in logic.inputs} == {"seven"}
    eventually(lambda: len(steps(client, "seven")) == 4)


def test_id_and_cause_of_a_command_are_not_the_logics_to_say(shop, logic):
    stock, order = new_root(), new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            cause = evented.Cause(sequence=77)
            cause.cover.domain, cause.cover.root.value = "elsewhere", order
            answer.commands.append(book(
                "stock", stock, b"go", command_id="mine", cause=cause, headers={"tenant": "blue"}))
            answer.commands.append(book("stock", stock, b"own", correlation="of its own"))
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", order, b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 3)
    first, second = client.query.GetEvents(
        evented.Query(domain="stock", root=evented.UUID(value=stock)), timeout=10)
    assert first.command_id not in ("", "mine")
    assert (first.cause.cover.domain, first.cause.sequence) == (OWN, 0)
    assert dict(first.headers) == {"tenant": "blue"}
    assert (first.correlation, second.correlation) == ("case", "of its own")
    assert [outcome.command.command_id for outcome in outcomes_of(logic)] == [first.command_id, second.command_id]


def test_a_command_that_expects_the_aggregate_elsewhere_is_refused_for_good(shop, logic):
    stock = new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            for expected in (0, 5, 1):
                answer.commands.append(book(
                    "stock", stock, b"%d" % expected, expected=evented.ExpectedSequence(next=expected)))
        return answer

    logic.react = react
    client = shop()
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: len(steps(client, "case")) == 4)
    assert [outcome.end for outcome in outcomes_of(logic)] == [APPENDED, REFUSED, APPENDED]
    refused = outcomes_of(logic)[1]
    assert refused.code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert "expected.next is 5" in refused.message
    assert events(client, "stock", stock) == [b"0", b"1"]


def test_an_end_that_the_logic_refuses_holds_up_no_later_command_to_the_same_aggregate(shop, logic):
    stock = new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events"):
            names = {b"one": (b"a", b"b"), b"two": (b"c",)}.get(value(given.events.pages[0].Event), ())
            answer.commands.extend(book("stock", stock, name) for name in names)
        elif value(given.outcome.command.pages[0].command) == b"a":
            context.abort(grpc.StatusCode.INTERNAL, "no idea")
        return answer

    logic.react = react
    client = shop(tries=1)
    for number in range(6):
        client.handle(book("order", new_root(), b"fine", correlation=f"healthy-{number}"))
    client.handle(book("order", new_root(), b"one", correlation="case"))
    eventually(lambda: events(client, "stock", stock) == [b"a", b"b"])
    [entry] = eventually(lambda: parked(client))
    assert entry.reason.startswith("no idea")
    # Without the end that the logic refuses, the instance goes on.
    outcome = client.parked_instances.Skip(
        parked_pb2.SkipParkedRequest(subscription="ship", domain=OWN, root=entry.root), timeout=20)
    assert not outcome.HasField("still_parked")
    client.handle(book("order", new_root(), b"two", correlation="case"))
    eventually(lambda: events(client, "stock", stock) == [b"a", b"b", b"c"])
    eventually(lambda: not instance(client, "case").state.pending)


def test_a_domain_whose_logic_is_away_holds_up_no_command_to_another(start, tmp_path, logic):
    """More instances command it than there are deliveries at a time, and a command may take five seconds."""
    healthy, nobody = new_root(), free_address()
    path = configure(tmp_path, logic, command_deadline="5s")
    stock = "  - name: stock\n    logic:\n      address: "
    path.write_text(path.read_text().replace(stock + logic.address, stock + nobody))

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("events") and value(given.events.pages[0].Event) == b"one":
            domain, root = ("order", healthy) if given.key == "healthy" else ("stock", new_root())
            answer.commands.append(book(domain, root, b"go"))
        return answer

    logic.react = react
    client = Client(start(config=path))
    client.handle(book("order", new_root(), b"one", correlation="first"))
    eventually(lambda: waiting(tmp_path / "data") == 1, timeout=20)
    for number in range(600):
        client.handle(book("order", new_root(), b"one", correlation=f"stuck-{number}"))
    client.handle(book("order", new_root(), b"one", correlation="healthy"))
    eventually(lambda: events(client, "order", healthy) == [b"go"])
    # Once it is back, all are carried out.
    back = Logic(nobody)
    eventually(lambda: len(back.requests) >= 601 and waiting(tmp_path / "data") == 0, timeout=60)
    assert len({request.command.cover.root.value for request in back.requests}) == 601
    back.stop()


def waiting(data):
    """How many commands are to be tried again."""
    for path in data.glob("*saga.ship.db"):
        with contextlib.closing(sqlite3.connect(path)) as file, contextlib.suppress(sqlite3.OperationalError):
            return file.execute("SELECT count(*) FROM agenda WHERE name = 'to stock'").fetchone()[0]
    return 0
