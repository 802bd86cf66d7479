"""What a client may get wrong: each mistake has its status, names its field, and stores nothing."""

import pytest
from client import Status, commands, cover, facts, new_root, refused
from evented import evented_pb2 as evented
from sidecar import DOMAIN


def without(book, field):
    book.ClearField(field)
    return book


def with_root(book, root):
    book.cover.root.value = root
    return book


def without_page(book, field):
    book.pages[-1].ClearField(field)
    return book


def numbered(book, *numbers):
    for page, number in zip(book.pages, numbers, strict=True):
        page.num = number
    return book


# Each takes a valid book of one aggregate and spoils it.
SPOILED = {
    "no cover": (lambda book: without(book, "cover"), "cover"),
    "no root": (lambda book: without(book.cover, "root") and book, "root"),
    "empty root": (lambda book: with_root(book, b""), "root"),
    "root of 15 bytes": (lambda book: with_root(book, bytes(15)), "root"),
    "root of 17 bytes": (lambda book: with_root(book, bytes(17)), "root"),
    "no domain": (lambda book: without(book.cover, "domain") and book, "domain"),
    "no pages": (lambda book: without(book, "pages"), "pages"),
}


@pytest.mark.parametrize("name", SPOILED)
@pytest.mark.parametrize("method", ["handle", "record"])
def test_malformed_book_is_refused(client, logic, method, name):
    spoil, field = SPOILED[name]
    root = new_root()
    book = spoil((commands if method == "handle" else facts)(root, b"x"))
    assert field in refused(lambda: getattr(client, method)(book), Status.INVALID_ARGUMENT)
    assert not logic.requests
    assert client.events(root) == []


def test_page_without_command_is_refused(client, logic):
    root = new_root()
    book = without_page(commands(root, b"0", b"1"), "command")
    message = refused(lambda: client.handle(book), Status.INVALID_ARGUMENT)
    assert "pages[1]" in message
    assert not logic.requests


def test_page_without_event_is_refused_and_its_neighbour_not_stored(client):
    root = new_root()
    book = without_page(facts(root, b"0", b"1"), "Event")
    assert "pages[1]" in refused(lambda: client.record(book), Status.INVALID_ARGUMENT)
    assert client.events(root) == []


@pytest.mark.parametrize("numbers", [(0, 2), (0, 0)])
def test_numbers_out_of_order_are_refused(client, numbers):
    root = new_root()
    book = numbered(facts(root, b"0", b"1"), *numbers)
    assert "pages[1]" in refused(lambda: client.record(book), Status.INVALID_ARGUMENT)
    assert client.events(root) == []


@pytest.mark.parametrize("number", [0, 2, 4294967295])
def test_number_that_is_not_the_next_is_refused(client, number):
    root = new_root()
    client.record(facts(root, b"0"))
    book = numbered(facts(root, b"1"), number)
    refused(lambda: client.record(book), Status.FAILED_PRECONDITION, Status.ABORTED)
    assert client.numbers(root) == [0]


@pytest.mark.parametrize("method", ["handle", "record"])
def test_domain_that_is_not_served_is_not_found(client, method):
    book = (commands if method == "handle" else facts)(new_root(), b"x")
    book.cover.domain = "elsewhere"
    assert "elsewhere" in refused(lambda: getattr(client, method)(book), Status.NOT_FOUND)


@pytest.mark.parametrize("method", ["handle", "record"])
def test_message_over_the_limit_is_refused_and_the_connection_lives_on(client, method):
    root, make = new_root(), commands if method == "handle" else facts
    refused(
        lambda: getattr(client, method)(make(root, bytes(5 << 20))), Status.RESOURCE_EXHAUSTED)
    getattr(client, method)(make(root, b"small"))
    assert client.numbers(root) == [0]


def test_bytes_that_are_no_message_are_refused(client):
    call = client.channels["command-handler"].unary_unary(
        "/evented.BusinessCoordinator/Handle", request_serializer=bytes)
    refused(lambda: call(b"\xff\xff\xff\xff", timeout=5), Status.INVALID_ARGUMENT, Status.INTERNAL)


def test_unknown_method_is_unimplemented(client):
    call = client.channels["command-handler"].unary_unary("/evented.BusinessCoordinator/Undo")
    refused(lambda: call(b"", timeout=5), Status.UNIMPLEMENTED)


@pytest.mark.parametrize("query", [
    evented.Query(domain=DOMAIN),
    evented.Query(domain=DOMAIN, root=evented.UUID(value=b"short")),
    evented.Query(root=evented.UUID(value=bytes(16))),
    evented.Query(domain=DOMAIN, root=evented.UUID(value=bytes(16)), lowerBound=5, upperBound=5),
    evented.Query(domain=DOMAIN, root=evented.UUID(value=bytes(16)), lowerBound=5, upperBound=3),
])
def test_malformed_query_is_refused(client, query):
    refused(lambda: list(client.query.GetEvents(query, timeout=5)), Status.INVALID_ARGUMENT)


def test_book_for_a_projector_without_pages_does_no_harm(client, logic):
    root = new_root()
    client.projector.Handle(evented.EventBook(cover=cover(root)), timeout=5)
    client.handle(commands(root, b"x", synchronous=True))
    assert client.projection(root).sequence == 0
