"""Sagas that command domains of the function style."""

import threading

import pytest
from client import TIMEOUT, Client, Status, commands, cover, eventually, new_root, payloads
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from logic import Logic, decide, fold
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import saga_pb2

APPENDED, REFUSED = outcomes.CommandOutcome.APPENDED, outcomes.CommandOutcome.REFUSED
STOCK = new_root()


@pytest.fixture
def logic():
    logic = Logic()
    logic.react = dispatch
    yield logic
    logic.stop()


@pytest.fixture
def shop(start, tmp_path, logic):
    """Starts the domains `order` and `stock`, both of functions, and the saga between them."""
    config = tmp_path / "shop.yaml"
    address = f'address: "{logic.address}"'
    config.write_text(f"""
domains:
  - {{name: order, logic: {{style: functions, {address}}}}}
  - {{name: stock, logic: {{style: functions, {address}}}}}
sagas:
  - {{name: ship, key: root, domains: [order], logic: {{{address}}}}}
""")
    return lambda: start(config=config)


def book(domain, root, payload, entity=""):
    made = commands(root, payload)
    made.cover.domain, made.pages[0].entity = domain, entity
    return made


def dispatch(given, context):
    """A saga without state: each event of an order is a command to one and the same place of the stock."""
    answer = saga_pb2.SagaReaction()
    if given.HasField("events"):
        answer.commands.extend(book("stock", STOCK, payload, "shelf:1") for payload in payloads(given.events.pages))
    return answer


def of_stock(requests):
    return [each for each in requests if each.command.cover.domain == "stock"]


def stored(client):
    query = evented.Query(domain="stock", root=evented.UUID(value=STOCK))
    return [page for book in client.query.GetEvents(query, timeout=TIMEOUT) for page in book.pages]


def ends(logic):
    """How the saga's commands ended, as it was told."""
    return [given.outcome for given in logic.inputs if given.HasField("outcome")]


def test_command_of_a_saga_is_decided_on_the_state_and_its_events_come_back(shop, logic):
    client, order = Client(shop()), new_root()
    for number in range(3):
        client.handle(book("order", order, b"%d" % number))
    told = eventually(lambda: len(ends(logic)) == 3 and ends(logic))
    assert [end.end for end in told] == [APPENDED] * 3
    assert [payloads(end.events.pages) for end in told] == [[b"0"], [b"1"], [b"2"]]
    shelves = []
    for asked in of_stock(logic.questions):
        count = wrappers_pb2.UInt64Value()
        asked.state.members["shelf:1"].Unpack(count)
        shelves.append((asked.next, count.value))
    assert shelves == [(0, 0), (1, 1), (2, 2)]
    assert [page.entity for page in stored(client)] == ["shelf:1"] * 3


def test_refusal_of_a_function_comes_back_to_the_saga(shop, logic):
    def out_of_stock(request, context):
        if request.command.cover.domain == "stock":
            context.abort(Status.FAILED_PRECONDITION, "out of stock")
        return decide(request, context)

    logic.decide = out_of_stock
    client = Client(shop())
    client.handle(book("order", new_root(), b"x"))
    (end,) = eventually(lambda: ends(logic))
    assert (end.end, end.code, end.message) == (REFUSED, Status.FAILED_PRECONDITION.value[0], "out of stock")
    assert stored(client) == []


def test_apply_that_fails_refuses_the_command_of_a_saga(shop, logic):
    def fails_for_stock(request, context):
        if request.events.cover.domain == "stock":
            context.abort(Status.INVALID_ARGUMENT, "odd")
        return fold(request, context)

    logic.fold = fails_for_stock
    client = Client(shop())
    client.handle(book("order", new_root(), b"x"))
    (end,) = eventually(lambda: ends(logic))
    assert (end.end, end.code) == (REFUSED, Status.INTERNAL.value[0])
    assert "Apply" in end.message and "event 0 of stock/" in end.message
    assert stored(client) == []


def test_command_of_a_saga_happens_once_though_all_is_killed_in_its_apply(shop, logic):
    folding, over = threading.Event(), threading.Event()

    def hang(request, context):
        if request.events.cover.domain == "stock":
            folding.set()
            over.wait(TIMEOUT)
        return fold(request, context)

    logic.fold = hang
    sidecar = shop()
    Client(sidecar).handle(book("order", new_root(), b"x"))
    assert folding.wait(TIMEOUT)
    sidecar.kill()
    logic.fold = fold
    over.set()
    client = Client(shop())
    (end,) = eventually(lambda: ends(logic), timeout=30)
    assert end.end == APPENDED and payloads(end.events.pages) == [b"x"]
    assert payloads(stored(client)) == [b"x"]
    # It was decided twice, and both times on nothing.
    assert [asked.next for asked in of_stock(logic.questions)] == [0, 0]
