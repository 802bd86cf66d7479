"""Reading back: events, aggregates, the log and projections."""

import queue
import threading

import pytest
from client import (
    TIMEOUT, Client, Status, commands, counted, eventually, facts, new_root, payloads, refused)
from evented import evented_pb2 as evented
from google.protobuf import empty_pb2
from outrider.v1 import log_pb2, parked_pb2, projections_pb2
from sidecar import DOMAIN, PROJECTOR


@pytest.fixture
def ten(client):
    """An aggregate of ten events, in commits of one to four."""
    root, number = new_root(), 0
    for size in (1, 2, 3, 4):
        client.record(facts(root, *(b"%d" % each for each in range(number, number + size))))
        number += size
    return root


@pytest.mark.parametrize("lower, upper", [
    (0, 0), (0, 1), (0, 5), (3, 0), (3, 5), (4, 5), (9, 10), (9, 0), (8, 100), (0, 10), (0, 11)])
def test_bounds_cut_exactly(client, ten, lower, upper):
    expected = list(range(10))[lower : upper or None]
    assert client.numbers(ten, lower, upper) == expected
    assert payloads(client.events(ten, lower, upper)) == [b"%d" % each for each in expected]


def test_nothing_beyond_the_last_event(client, ten):
    assert client.books(ten, lower=10) == []
    assert client.books(new_root()) == []


def test_no_page_is_lost_where_books_are_split(client):
    root = new_root()
    for number in range(30):
        client.record(facts(root, *(b"%d" % number + bytes(100_000) for _ in range(5))))
    books = client.books(root)
    assert len(books) > 3
    assert [page.num for book in books for page in book.pages] == list(range(150))


def test_roots_that_share_a_prefix_are_two_aggregates(client):
    first = new_root()
    second = first[:15] + bytes([first[15] ^ 1])
    client.record(facts(first, b"first"))
    client.record(facts(second, b"second", b"second"))
    assert payloads(client.events(first)) == [b"first"]
    assert payloads(client.events(second)) == [b"second"] * 2
    assert {first, second} <= set(client.roots())


def test_every_root_is_listed_once(client):
    roots = [new_root() for _ in range(300)]
    for root in roots:
        client.record(facts(root, b"x"))
        client.record(facts(root, b"y"))
    listed = client.roots()
    assert len(listed) == len(set(listed))
    assert set(roots) <= set(listed)


def test_synchronize_sends_what_is_missing_and_then_what_is_new(client, ten):
    queries = queue.Queue()
    call = client.query.Synchronize(iter(queries.get, None), timeout=TIMEOUT)
    queries.put(evented.Query(domain=DOMAIN, root=evented.UUID(value=ten), lowerBound=7))
    numbers = []

    def receive(until):
        while numbers[-1:] != [until]:
            numbers.extend(page.num for page in next(call).pages)

    receive(until=9)
    client.record(facts(ten, b"10"))
    receive(until=10)
    client.record(facts(ten, b"11", b"12"))
    receive(until=12)
    assert numbers == [7, 8, 9, 10, 11, 12]

    other = new_root()
    queries.put(evented.Query(domain=DOMAIN, root=evented.UUID(value=other)))
    client.record(facts(other, b"0"))
    assert next(call).cover.root.value == other
    queries.put(None)
    call.cancel()


# The log


def test_log_is_dense_and_keeps_each_aggregate_in_order(client, ten):
    entries = list(client.log())
    assert [entry.position.number for entry in entries] == list(range(1, len(entries) + 1))
    own = [entry.book for entry in entries if entry.book.cover.root.value == ten]
    assert [page.num for book in own for page in book.pages] == list(range(10))
    assert [len(book.pages) for book in own] == [1, 2, 3, 4]
    head = client.logs.Head(log_pb2.HeadRequest(domain=DOMAIN)).positions
    assert [position.number for position in head] == [len(entries)]


def test_log_is_followed_from_a_position(client, ten):
    head = client.logs.Head(log_pb2.HeadRequest(domain=DOMAIN)).positions[0].number
    following = client.log(after=head, follow=True, limit=2)
    client.record(facts(ten, b"new"))
    assert next(following).position.number == head + 1
    client.record(facts(ten, b"newer"))
    assert next(following).position.number == head + 2
    assert list(following) == []


# Projections


def test_projections_are_listed_page_by_page(client):
    roots = {new_root() for _ in range(25)}
    for root in roots:
        client.handle(commands(root, b"x", synchronous=True))
    listed, token = [], b""
    while True:
        answer = client.projections.List(projections_pb2.ListProjectionsRequest(
            projector=PROJECTOR, domain=DOMAIN, page_size=10, page_token=token))
        listed += [record.projection.cover.root.value for record in answer.records]
        assert len(answer.records) <= 10
        token = answer.next_page_token
        if not token:
            break
    assert listed == sorted(set(listed))
    assert roots <= set(listed)


def test_changes_of_a_projection_are_watched(client):
    root = new_root()
    client.handle(commands(root, b"x", synchronous=True))
    watching = client.projections.Watch(projections_pb2.WatchProjectionsRequest(
        projector=PROJECTOR, domain=DOMAIN, roots=[evented.UUID(value=root)]), timeout=TIMEOUT)
    assert next(watching).projection.sequence == 0
    client.handle(commands(new_root(), b"somebody else's"))
    client.handle(commands(root, b"y"))
    changed = next(watching).projection
    assert (changed.sequence, counted(changed)) == (1, 2)
    watching.cancel()


def test_a_query_sees_what_its_caller_wrote(client):
    for number in range(20):
        root = new_root()
        answer = client.handle(commands(root, b"x"))
        request = projections_pb2.GetProjectionRequest(
            projector=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=root),
            at_least=answer.position)
        assert counted(client.projections.Get(request, timeout=TIMEOUT).projection) == 1


def test_a_query_for_what_is_not_written_says_how_far_the_projector_is(client):
    position = client.handle(commands(new_root(), b"x")).position
    position.number += 1000
    request = projections_pb2.ListProjectionsRequest(
        projector=PROJECTOR, domain=DOMAIN, at_least=position)
    message = refused(
        lambda: client.projections.List(request, timeout=1), Status.DEADLINE_EXCEEDED)
    assert f"not yet up to {position.number}" in message


def test_a_watch_begins_with_what_its_caller_wrote(client, logic):
    root, project, released = new_root(), logic.project, threading.Event()
    client.handle(commands(root, b"x", synchronous=True))

    def hold(book, context):
        released.wait(TIMEOUT)
        return project(book, context)

    logic.project = hold
    request = projections_pb2.WatchProjectionsRequest(
        projector=PROJECTOR, domain=DOMAIN, roots=[evented.UUID(value=root)])
    behind = projections_pb2.WatchProjectionsRequest(at_least=client.handle(commands(root, b"y")).position)
    behind.MergeFrom(request)
    watching = client.projections.Watch(behind, timeout=TIMEOUT)
    at_once = client.projections.Watch(request, timeout=TIMEOUT)
    # The call that was made after it shows the projection that it must not begin with.
    assert next(at_once).projection.sequence == 0
    released.set()
    first = next(watching).projection
    assert (first.sequence, counted(first)) == (1, 2)
    for each in watching, at_once:
        each.cancel()


def test_a_watch_from_where_nothing_is_written_says_how_far_the_projector_is(client):
    position = client.handle(commands(new_root(), b"x")).position
    position.number += 1000
    request = projections_pb2.WatchProjectionsRequest(
        projector=PROJECTOR, domain=DOMAIN, at_least=position)
    message = refused(
        lambda: next(client.projections.Watch(request, timeout=1)), Status.DEADLINE_EXCEEDED)
    assert f"not yet up to {position.number}" in message


# Domains that do not exist


def test_a_domain_without_events_has_nothing_parked_and_no_projections(start):
    client = Client(start(domain=None))
    parked = parked_pb2.ListParkedRequest(domain="nowhere")
    assert "nowhere" in refused(lambda: client.parked.List(parked, timeout=TIMEOUT), Status.NOT_FOUND)
    projections = projections_pb2.ListProjectionsRequest(projector=PROJECTOR, domain="nowhere")
    assert not client.projections.List(projections, timeout=TIMEOUT).records
    assert not client.logs.Domains(empty_pb2.Empty(), timeout=TIMEOUT).domains
