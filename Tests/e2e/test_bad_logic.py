"""What logic may get wrong: the client learns of it, nothing is stored, and the next command works."""

import threading
import time

import grpc
import pytest
from client import (
    TIMEOUT, Client, Status, commands, counted, eventually, new_root, payloads, refused)
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from listening import free_address
from logic import (
    BrokenServer, Logic, close_at_once, close_half_way, echo, never_answer, speak_http_1)
from outrider.v1 import parked_pb2
from sidecar import DOMAIN, PROJECTOR


def other_cover(request, context):
    book = echo(request, context)
    book.cover.root.value = new_root()
    return book


def page_without_event(request, context):
    book = echo(request, context)
    book.pages.add()
    return book


def wrong_number(request, context):
    book = echo(request, context)
    book.pages[0].num = 7
    return book


def snapshot_of_the_future(request, context):
    book = echo(request, context)
    book.snapshot.sequence = 3
    book.snapshot.state.Pack(wrappers_pb2.BytesValue(value=b"state"))
    return book


def garbage(request, context):
    return b"\xff\xff\xff\xff"


@pytest.mark.parametrize(
    "answer", [other_cover, page_without_event, wrong_number, snapshot_of_the_future, garbage],
    ids=lambda answer: answer.__name__)
def test_wrong_answer_is_an_internal_error_and_stores_nothing(client, logic, answer):
    root = new_root()
    logic.answer = answer
    refused(lambda: client.handle(commands(root, b"0", b"1")), Status.INTERNAL)
    assert client.events(root) == []
    logic.answer = echo
    client.handle(commands(root, b"0"))
    assert client.numbers(root) == [0]


@pytest.mark.parametrize("status", [
    Status.INVALID_ARGUMENT, Status.FAILED_PRECONDITION, Status.PERMISSION_DENIED,
    Status.UNAUTHENTICATED, Status.OUT_OF_RANGE])
def test_refusal_reaches_the_client_as_it_is_and_is_not_retried(client, logic, status):
    logic.answer = lambda request, context: context.abort(status, "zu wenig Geld – 12 €")
    message = refused(lambda: client.handle(commands(new_root(), b"x")), status)
    assert message == "zu wenig Geld – 12 €"
    assert len(logic.requests) == 1


def test_refusal_on_cached_state_leaves_the_aggregate_usable(client, logic):
    root = new_root()
    client.handle(commands(root, b"0"))
    logic.answer = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "no")
    refused(lambda: client.handle(commands(root, b"1")), Status.FAILED_PRECONDITION)
    logic.answer = echo
    client.handle(commands(root, b"1"))
    assert client.numbers(root) == [0, 1]


def test_logic_that_hangs_costs_the_deadline_and_is_told_that_nobody_waits(client, logic):
    root, given_up = new_root(), threading.Event()

    def hang(request, context):
        context.add_callback(given_up.set)
        assert given_up.wait(TIMEOUT)
        return echo(request, context)

    logic.answer = hang
    began = time.monotonic()
    refused(lambda: client.handle(commands(root, b"x"), timeout=0.5), Status.DEADLINE_EXCEEDED)
    assert time.monotonic() - began < 3
    assert given_up.wait(TIMEOUT)
    logic.answer = echo
    client.handle(commands(root, b"y"))
    assert payloads(client.events(root)) == [b"y"]


def test_other_aggregates_are_served_while_one_hangs(client, logic):
    slow, release = new_root(), threading.Event()

    def hang(request, context):
        if request.command.cover.root.value == slow:
            release.wait(10)
        return echo(request, context)

    logic.answer = hang
    hanging = client.coordinator.Handle.future(commands(slow, b"x"), timeout=10)
    for _ in range(20):
        client.handle(commands(new_root(), b"y"), timeout=2)
    release.set()
    assert hanging.result().books


@pytest.mark.parametrize("status", [Status.UNAVAILABLE, Status.CANCELLED])
def test_logic_that_is_not_there_or_stops_is_asked_again(client, logic, status):
    def come_back_at_the_third_time(request, context):
        if len(logic.requests) < 3:
            context.abort(status, "starting")
        return echo(request, context)

    logic.answer = come_back_at_the_third_time
    root = new_root()
    client.handle(commands(root, b"x"))
    assert client.numbers(root) == [0]


@pytest.mark.parametrize(
    "misbehave", [close_at_once, close_half_way, speak_http_1, never_answer],
    ids=lambda each: each.__name__)
def test_broken_connection_to_logic_is_a_temporary_failure(start, misbehave):
    server = BrokenServer(misbehave)
    client = Client(start(address=server.address))
    root = new_root()
    refused(
        lambda: client.handle(commands(root, b"x"), timeout=2),
        Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)
    assert server.connections > 0
    assert client.events(root) == []
    server.stop()


def test_logic_that_is_down_is_waited_for(start):
    address = free_address()
    client = Client(start(address=address))
    root = new_root()
    refused(
        lambda: client.handle(commands(root, b"x"), timeout=1),
        Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)
    waiting = client.coordinator.Handle.future(commands(root, b"y"), timeout=20)
    logic = Logic(address)
    assert waiting.result().books
    assert client.numbers(root) == [0]
    logic.stop()


# Projectors


def test_failing_synchronous_projector_does_not_fail_the_command(client, logic):
    root = new_root()
    logic.project = lambda book, context: context.abort(Status.INVALID_ARGUMENT, "cannot")
    answer = client.handle(commands(root, b"x", synchronous=True))
    assert [page.num for page in answer.books[0].pages] == [0]
    assert [(each.processor, each.code) for each in answer.failures] == [(PROJECTOR, 3)]
    assert client.numbers(root) == [0]


def test_poison_event_parks_one_aggregate_and_others_flow_on(start):
    logic, poisoned = Logic(), new_root()

    def refuse_one(book, context):
        if book.cover.root.value == poisoned:
            context.abort(Status.INVALID_ARGUMENT, "poison")
        return count_events(book, context)

    count_events, logic.project = logic.project, refuse_one
    options = ["--projector-tries=2", "--projector-retry-time=0s"]
    client = Client(start(address=logic.address, options=options))
    client.handle(commands(poisoned, b"0", b"1"))
    others = [new_root() for _ in range(5)]
    for root in others:
        client.handle(commands(root, b"x"))
    for root in others:
        eventually(lambda: client.projection(root))
    eventually(lambda: client.parked_roots() == [poisoned])
    parked = client.parked.List(parked_pb2.ListParkedRequest()).parked[0]
    assert (parked.subscription, parked.first_sequence, parked.code) == (PROJECTOR, 0, 3)
    assert parked.reason == "poison"
    client.handle(commands(poisoned, b"2"))

    logic.project = count_events
    outcome = client.parked.Retry(parked_pb2.RetryParkedRequest(
        subscription=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=poisoned)))
    assert not outcome.HasField("still_parked")
    assert counted(eventually(lambda: client.projection(poisoned))) == 3
    assert client.parked_roots() == []
    logic.stop()


def test_projector_that_is_down_catches_up_when_it_is_back(start):
    logic, projector_address = Logic(), free_address()
    options = [f"--projector-address={projector_address}"]
    client = Client(start(address=logic.address, options=options))
    root = new_root()
    for number in range(3):
        client.handle(commands(root, b"%d" % number))
    assert client.projection(root) is None
    projector = Logic(projector_address)
    eventually(lambda: (client.projection(root) or evented.Projection()).sequence == 2, timeout=20)
    assert counted(client.projection(root)) == 3
    logic.stop()
    projector.stop()
