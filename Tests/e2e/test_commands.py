"""The Evented contract, by a client and logic that know only the proto file."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from client import (
    Status, commands, counted, eventually, facts, new_root, payloads, refused)
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from logic import echo


@pytest.fixture(scope="module", params=["classic", "functions"])
def style(request):
    return request.param


@pytest.fixture
def classic(style):
    if style != "classic":
        pytest.skip("functions give no snapshots")


def test_events_are_numbered_stamped_and_stored_before_the_answer(client):
    root = new_root()
    answer = client.handle(commands(root, b"a", b"b"))
    (book,) = answer.books
    assert book.cover.root.value == root
    assert [page.num for page in book.pages] == [0, 1]
    assert all(page.createdAt.seconds > 0 for page in book.pages)
    assert payloads(book.pages) == [b"a", b"b"]
    assert client.events(root) == list(book.pages)


def test_logic_sees_the_whole_past(client, logic):
    root = new_root()
    for payload in (b"a", b"b", b"c"):
        client.handle(commands(root, payload))
    request = logic.requests[-1]
    assert request.events.cover.root.value == root
    assert [page.num for page in request.events.pages] == [0, 1]
    assert payloads(request.events.pages) == [b"a", b"b"]
    assert request.command == commands(root, b"c")


def test_answer_without_events_stores_nothing(client, logic):
    root = new_root()
    logic.answer = lambda request, context: evented.EventBook(cover=request.command.cover)
    assert not client.handle(commands(root, b"x")).books
    assert client.events(root) == []


def test_cover_may_be_left_out_by_logic(client, logic):
    root = new_root()
    logic.answer = lambda request, context: evented.EventBook(pages=echo(request, context).pages)
    client.handle(commands(root, b"x"))
    assert client.numbers(root) == [0]


def test_forced_page_gets_the_next_number(client, logic):
    def force(request, context):
        book = echo(request, context)
        for page in book.pages:
            page.force = True
        return book

    root = new_root()
    logic.answer = force
    client.handle(commands(root, b"a"))
    client.handle(commands(root, b"b", b"c"))
    assert client.numbers(root) == [0, 1, 2]
    assert not any(page.WhichOneof("sequence") == "force" for page in client.events(root))


def test_large_integers_survive_in_unknown_fields(client, logic):
    """What a newer client puts into a command reaches newer logic through this version."""
    root = new_root()
    book = commands(root, b"x")
    unknown = bytes.fromhex("a206026869")  # field 100, "hi"
    send = client.channels["command-handler"].unary_unary(
        "/evented.BusinessCoordinator/Handle", request_serializer=bytes)
    send(book.SerializeToString() + unknown, timeout=5)
    assert logic.requests[-1].command.SerializeToString().endswith(unknown)


# Idempotency and expectation


@pytest.mark.parametrize("method, make", [("handle", commands), ("record", facts)])
def test_repeated_command_id_gets_the_stored_answer(client, logic, method, make):
    root, send = new_root(), getattr(client, method)
    first = send(make(root, b"x", command_id="once"))
    send(make(root, b"y"))
    again = send(make(root, b"something else", command_id="once"))
    assert again.already_handled and not first.already_handled
    assert again.books == first.books
    assert client.numbers(root) == [0, 1]


def test_command_id_belongs_to_its_aggregate(client):
    for root in (new_root(), new_root()):
        assert not client.handle(commands(root, b"x", command_id="same")).already_handled
        assert client.numbers(root) == [0]


def test_same_command_sent_at_once_by_many_happens_once(client):
    root = new_root()
    with ThreadPoolExecutor(16) as pool:
        book = commands(root, b"x", command_id="once")
        answers = list(pool.map(lambda _: client.handle(book), range(16)))
    assert [answer.already_handled for answer in answers].count(False) == 1
    assert client.numbers(root) == [0]


def test_command_that_was_refused_is_decided_anew(client, logic):
    root, book = new_root(), commands(new_root(), b"x", command_id="again")
    logic.answer = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "not yet")
    refused(lambda: client.handle(book), Status.FAILED_PRECONDITION)
    logic.answer = echo
    assert not client.handle(book).already_handled


@pytest.mark.parametrize("method, make", [("handle", commands), ("record", facts)])
def test_stale_expectation_is_refused(client, method, make):
    root, send = new_root(), getattr(client, method)
    send(make(root, b"a", expected=evented.ExpectedSequence(next=0)))
    for wrong in (0, 2):
        refused(
            lambda: send(make(root, b"b", expected=evented.ExpectedSequence(next=wrong))),
            Status.FAILED_PRECONDITION)
    send(make(root, b"b", expected=evented.ExpectedSequence(next=1)))
    assert payloads(client.events(root)) == [b"a", b"b"]


def test_correlation_and_headers_stay_with_the_events(client):
    root = new_root()
    client.handle(commands(root, b"x", correlation="order 7", headers={"tenant": "acme"}))
    (book,) = client.books(root)
    (entry,) = [each for each in client.log() if each.book.cover.root.value == root]
    assert entry.book.correlation == "order 7"
    assert entry.book.headers == {"tenant": "acme"}


def test_commands_for_one_aggregate_never_race(client, logic):
    """Each event says how many the logic saw before it."""
    def number(request, context):
        book = evented.EventBook()
        seen = len(request.events.pages)
        book.pages.add().Event.Pack(wrappers_pb2.BytesValue(value=b"%d" % seen))
        return book

    root = new_root()
    logic.answer = number
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client.handle(commands(root, b"x"), timeout=30), range(100)))
    assert payloads(client.events(root)) == [b"%d" % number for number in range(100)]


# Snapshots


def snapshot_everything(request, context):
    """Keeps the number of all events as state."""
    book, state = echo(request, context), wrappers_pb2.UInt64Value()
    request.events.snapshot.state.Unpack(state)
    state.value += len(request.events.pages) + len(book.pages)
    book.snapshot.sequence = state.value - 1
    book.snapshot.state.Pack(state)
    return book


def test_snapshot_comes_back_with_only_the_events_after_it(client, logic, classic):
    root = new_root()
    client.handle(commands(root, b"0"))
    logic.answer = snapshot_everything
    client.handle(commands(root, b"1", b"2"))
    logic.answer = echo
    client.handle(commands(root, b"3"))
    client.handle(commands(root, b"4"))
    past = logic.requests[-1].events
    assert past.snapshot.sequence == 2
    assert [page.num for page in past.pages] == [3]
    assert client.numbers(root) == [0, 1, 2, 3, 4]


def test_logic_without_event_sourcing_lives_on_snapshots_alone(client, logic, classic):
    root = new_root()
    logic.answer = snapshot_everything
    for number in range(5):
        client.handle(commands(root, b"%d" % number))
    past = logic.requests[-1].events
    assert past.snapshot.sequence == 3
    assert not past.pages


# Synchronous pages


def test_synchronous_page_is_answered_with_its_projection(client):
    root = new_root()
    for number in (1, 2):
        answer = client.handle(commands(root, b"x", synchronous=True))
        (projection,) = answer.projections
        assert counted(projection) == number
        assert projection.sequence == number - 1
        assert client.projection(root) == projection


def test_projection_follows_by_itself(client):
    root = new_root()
    client.handle(commands(root, b"0", b"1"))
    client.handle(commands(root, b"2"))
    eventually(lambda: client.projection(root) and client.projection(root).sequence == 2)
    assert counted(client.projection(root)) == 3
