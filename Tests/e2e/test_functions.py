"""The function style: Outrider keeps the state, and the logic is two functions."""

from pathlib import Path

import pytest
from client import Client, Status, commands, counted, eventually, facts, new_root, payloads, refused
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from http_functions import HTTPFunctions
from logic import Logic, fold
from outrider.v1 import commands_pb2, commands_pb2_grpc, entity_pb2

FUNCTIONS = ["--style=functions"]


@pytest.fixture(params=[Logic, HTTPFunctions], ids=["grpc", "http"])
def functions(request):
    """Functions behind gRPC, and behind HTTP."""
    logic = request.param()
    yield logic
    logic.stop()


@pytest.fixture
def serve(start, functions, logic_process):
    """Starts a sidecar whose logic is `functions`, with more options. Projectors' logic is behind gRPC always."""
    return lambda *options, **settings: start(
        address=functions.address, projector=logic_process.address, options=[*FUNCTIONS, *options], **settings)


def events_in(request):
    """How many events the state of a request to `decide` includes."""
    value = wrappers_pb2.UInt64Value()
    request.state.root.Unpack(value)
    return value.value


def for_card(root, card, payload):
    book = commands(root, payload)
    book.pages[0].entity = card
    return book


def test_a_command_is_decided_on_the_state_and_folded(serve, functions):
    client, root = Client(serve()), new_root()
    first = client.handle(commands(root, b"0", b"1"))
    assert payloads(first.books[0].pages) == [b"0", b"1"]
    client.handle(commands(root, b"2"))
    assert payloads(client.events(root)) == [b"0", b"1", b"2"]
    asked = functions.questions
    assert not asked[0].HasField("state") and asked[0].next == 0
    assert events_in(asked[1]) == 2 and asked[1].next == 2
    # What `Apply` gets is what is stored, and each event once. Avro's times have microseconds.
    assert [len(each.events.pages) for each in functions.folds] == [2, 1]
    if isinstance(functions, HTTPFunctions):
        for page in first.books[0].pages:
            page.createdAt.nanos -= page.createdAt.nanos % 1000
    assert functions.folds[0].events.pages == first.books[0].pages


def test_members_have_states_of_their_own(serve, functions):
    client, root = Client(serve()), new_root()
    client.handle(commands(root, b"0"))
    client.handle(for_card(root, "card:1", b"1"))
    client.handle(for_card(root, "card:1", b"2"))
    client.handle(commands(root, b"3"))
    state = functions.questions[-1].state
    assert list(state.members) == ["card:1"] and events_in(functions.questions[-1]) == 1
    value = wrappers_pb2.UInt64Value()
    assert state.members["card:1"].Unpack(value) and value.value == 2
    assert [page.entity for page in client.events(root)] == ["", "card:1", "card:1", ""]
    message = refused(lambda: client.handle(for_card(root, "card", b"x")), Status.INVALID_ARGUMENT)
    assert "pages[0].entity" in message


def test_a_refusal_reaches_the_client_and_stores_nothing(serve, functions):
    client, root = Client(serve()), new_root()
    functions.decide = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "no")
    assert refused(lambda: client.handle(commands(root, b"0")), Status.FAILED_PRECONDITION) == "no"
    functions.decide = lambda request, context: entity_pb2.HandleResponse()
    assert not client.handle(commands(root, b"0")).books
    assert client.events(root) == [] and functions.folds == []


def fails(request, context):
    context.abort(Status.INVALID_ARGUMENT, "odd")


def answers_nothing(request, context):
    return entity_pb2.ApplyResponse()


def answers_garbage(request, context):
    return b"\xff\xff\xff\xff"


@pytest.mark.parametrize("wrong", [fails, answers_nothing, answers_garbage], ids=lambda each: each.__name__)
def test_apply_that_goes_wrong_refuses_the_command(serve, functions, wrong):
    client, root = Client(serve()), new_root()
    functions.fold = wrong
    message = refused(lambda: client.handle(commands(root, b"0")), Status.INTERNAL)
    assert "Apply" in message and "event 0 of bank/" in message
    assert client.events(root) == []
    functions.fold = fold
    client.handle(commands(root, b"0"))
    assert client.numbers(root) == [0]


def test_apply_that_is_no_function_is_found_out(serve, functions):
    client, root = Client(serve("--logic-check-apply=true")), new_root()

    def count_calls(request, context):
        answer = fold(request, context)
        answer.state.root.Pack(wrappers_pb2.UInt64Value(value=len(functions.folds)))
        return answer

    client.handle(commands(root, b"0"))
    functions.fold = count_calls
    message = refused(lambda: client.handle(commands(root, b"1")), Status.INTERNAL)
    assert "event 1 of bank/" in message and "BytesValue" in message
    assert client.numbers(root) == [0]


def test_functions_that_are_away_are_waited_for(serve, functions):
    client, root = Client(serve()), new_root()
    client.handle(commands(root, b"0"))
    functions.stop()
    refused(lambda: client.handle(commands(root, b"1"), timeout=1), Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)
    again = type(functions)(functions.address)
    try:
        eventually(lambda: client.handle(commands(root, b"1", command_id="1")))
        # The state outlived the functions.
        assert again.folds[0].HasField("state")
    finally:
        again.stop()


def test_the_state_is_there_after_a_kill(serve, functions):
    sidecar, root = serve("--logic-snapshot-events=4"), new_root()
    client = Client(sidecar)
    for number in range(6):
        client.handle(commands(root, b"%d" % number))
    sidecar.kill()
    functions.folds.clear()
    client = Client(serve("--logic-snapshot-events=4"))
    client.handle(commands(root, b"6"))
    assert events_in(functions.questions[-1]) == 6
    # Events 4 and 5 lie behind the snapshot.
    assert [[page.num for page in each.events.pages] for each in functions.folds] == [[4, 5], [6]]


def test_a_command_id_counts_once_through_a_kill(serve, functions):
    sidecar, root = serve(), new_root()
    first = Client(sidecar).handle(commands(root, b"0", command_id="a"))
    sidecar.kill()
    client = Client(serve())
    again = client.handle(commands(root, b"0", command_id="a"))
    assert again.already_handled and again.books == first.books
    assert len(functions.questions) == 1 and client.numbers(root) == [0]


def resident(process):
    line, = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
             if line.startswith("VmHWM")]
    return int(line.split()[1]) << 10


def test_a_state_that_is_too_large_for_a_snapshot_is_told_of(serve, functions):
    def grow(request, context):
        answer = entity_pb2.ApplyResponse()
        answer.state.root.Pack(wrappers_pb2.BytesValue(value=bytes(5000)))
        return answer

    functions.fold = grow
    sidecar, root = serve("--limit-commit-size=4KiB", "--logic-snapshot-events=1"), new_root()
    client = Client(sidecar)
    for _ in range(3):
        client.handle(commands(root, b"x"))
    eventually(lambda: sidecar.text.count("too large for a snapshot") == 1)


def test_a_stored_answer_needs_no_fold(serve, functions):
    sidecar, root = serve(), new_root()
    first = Client(sidecar).handle(commands(root, b"0", command_id="a"))
    sidecar.kill()
    functions.fold = fails
    again = Client(serve()).handle(commands(root, b"0", command_id="a"))
    assert again.already_handled and again.books == first.books


def test_a_long_history_is_folded_in_portions(serve, functions):
    """20,000 events of 2 KB: 40 MB, of which no message may have more than a quarter of its limit."""
    options = ["--limit-message-size=256KiB", "--limit-commit-size=192KiB"]
    sidecar, root = serve(*options), new_root()
    client = Client(sidecar)
    payload = bytes(2000)
    for _ in range(400):
        client.record(facts(root, *[payload] * 50))
    assert sidecar.stop() == 0
    sidecar = serve(*options)
    before = resident(sidecar.process)
    Client(sidecar).handle(commands(root, b"x"), timeout=60)
    asked, = functions.questions
    assert asked.next == 20_000 and events_in(asked) == 20_000
    assert max(each.ByteSize() for each in functions.folds) < (64 << 10) + 4096
    assert resident(sidecar.process) - before < 20 << 20
    # The state is a snapshot now: the next process folds nothing but what comes behind it.
    sidecar.kill()
    functions.folds.clear()
    Client(serve(*options)).handle(commands(root, b"y"))
    assert [len(each.events.pages) for each in functions.folds] == [1]


def test_processes_that_are_at_odds_decide_again_on_what_is_newer(serve, functions):
    """Two command-handlers on one store, each with the state in memory."""
    clients = [Client(serve(role="command-handler")) for _ in range(2)]
    root = new_root()
    for number in range(10):
        clients[number % 2].handle(commands(root, b"%d" % number))
    query = Client(serve())
    assert payloads(query.events(root)) == [b"%d" % number for number in range(10)]
    # Each event was decided on all before it.
    decided = {each.next: events_in(each) for each in functions.questions}
    assert all(next == count for next, count in decided.items()) and set(decided) == set(range(10))


def test_synchronous_projections_see_the_events(serve, functions):
    client, root = Client(serve("--projector-synchronous=true")), new_root()
    for number in (1, 2):
        answer = client.handle(commands(root, b"x", synchronous=True))
        assert counted(answer.projections[0]) == number


def test_dispatched_commands_are_decided_by_functions(serve, functions):
    sidecar, root = serve(), new_root()
    dispatching = commands_pb2_grpc.CommandsStub(sidecar.channel("command-handler"))
    dispatching.Dispatch(
        commands_pb2.DispatchRequest(command=commands(root, b"0", command_id="a")), timeout=10)
    client = Client(sidecar)
    eventually(lambda: payloads(client.events(root)) == [b"0"])


@pytest.mark.parametrize("functions", [Logic], ids=["grpc"], indirect=True)
def test_a_domain_may_change_its_style(start, functions):
    """A snapshot of classic logic is passed over: the state is what `Apply` makes of all events."""
    def with_snapshot(request, context):
        book = evented.EventBook(cover=request.command.cover)
        book.pages.add().Event.CopyFrom(request.command.pages[0].command)
        book.snapshot.sequence = request.events.pages[-1].num + 1 if request.events.pages else 0
        book.snapshot.state.Pack(wrappers_pb2.StringValue(value="classic"))
        return book

    functions.answer = with_snapshot
    root = new_root()
    classic = start(address=functions.address)
    Client(classic).handle(commands(root, b"0"))
    assert classic.stop() == 0
    client = Client(start(address=functions.address, options=FUNCTIONS))
    client.handle(commands(root, b"1"))
    assert events_in(functions.questions[0]) == 1
    book = facts(root, b"2")
    book.snapshot.state.Pack(wrappers_pb2.StringValue(value="mine"))
    assert "snapshot" in refused(lambda: client.record(book), Status.INVALID_ARGUMENT)
