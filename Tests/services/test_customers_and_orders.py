"""The services of examples/customers-and-orders, over HTTP. With PART=swift, customers in Swift."""

import os
import uuid
from datetime import UTC, datetime

import outrider
import pytest
from built import executable as executable
from engine import Engine
from mail_server import MailServer
from shop import EXAMPLE, Shop, soon
from shop_pb2 import OrderCreated, OrderRejected


def eventually(condition):
    assert soon(condition), "it never came to pass"


@pytest.fixture(scope="module")
def mail_server():
    with MailServer() as mail_server:
        yield mail_server


@pytest.fixture(scope="module")
def shop(executable, tmp_path_factory, mail_server):
    directory = tmp_path_factory.mktemp("shop")
    engine = Engine(directory / "engine").start("--owner", str(os.getpid()))
    server, _, options = engine.uri.partition("?")
    try:
        views, part = f"{server.rstrip('/')}/shop?{options}", os.environ.get("PART") or "python"
        with Shop(executable, directory / "data", views, mail_server.address, part) as shop:
            yield shop
    finally:
        engine.kill()


@pytest.fixture
def ann(shop):
    return shop.create_customer("Ann Smith", 1000)


def place(shop, customer, total):
    status, answer = shop.place_order(customer, total)
    assert status == 200, answer
    return answer["orderId"]


def becomes(shop, order, state):
    """Both by its service and in the history."""
    for service in ("orders", "history"):
        try:
            eventually(lambda: shop.ask("GET", service, f"/orders/{order}")[1].get("state") == state)
        except AssertionError:
            raise AssertionError(f"{order} does not become {state} in {service}:\n{shop.text}") from None


def mails_of(mail_server, order):
    return [mail for mail in mail_server.mails if order in mail["Subject"]]


def test_an_order_within_the_limit_is_approved_and_confirmed(shop, mail_server, ann):
    order = place(shop, ann, 720.50)
    becomes(shop, order, "APPROVED")
    assert shop.ask("GET", "customers", f"/customers/{ann}")[1]["money"] == {"amount": 279.5}
    eventually(lambda: shop.ask("GET", "history", f"/customers/{ann}") == (200, {
        "id": ann, "name": "Ann Smith", "creditLimit": {"amount": 1000},
        "orders": {order: {"state": "APPROVED", "orderTotal": {"amount": 720.5}}}}))
    eventually(lambda: mails_of(mail_server, order))
    [mail] = mails_of(mail_server, order)
    assert (mail["To"], mail["Message-ID"]) == ("ann.smith@example.com", f"<order.{order}.1@shop.example>")


def test_an_event_that_comes_late_sets_no_document_back(shop, ann, monkeypatch):
    def shown():
        return [shop.ask("GET", "history", path) for path in (f"/orders/{order}", f"/customers/{ann}")]

    order = place(shop, ann, 1)
    eventually(lambda: str(shown()).count("APPROVED") == 2)
    before = shown()
    monkeypatch.setenv("MONGODB_URI", shop.environment["MONGODB_URI"])
    monkeypatch.syspath_prepend(EXAMPLE / "python")
    import history

    customer = uuid.UUID(ann).bytes
    late = [OrderCreated(customer=customer, total_cents=100), OrderRejected(customer=customer)]
    for sequence, event in enumerate(late):
        history.subscriber.handle(
            event, outrider.Event("order", uuid.UUID(order), sequence, created_at=datetime.now(UTC)))
        assert shown() == before


def test_an_order_over_the_limit_is_rejected(shop, mail_server, ann):
    order = place(shop, ann, 1001)
    becomes(shop, order, "REJECTED")
    assert shop.ask("GET", "orders", f"/orders/{order}")[1]["reason"] == "the credit limit is exceeded"
    assert not mails_of(mail_server, order)


def test_an_order_of_nobody_is_not_created(shop):
    nobody = uuid.uuid4()
    assert shop.place_order(nobody, 1) == (400, {"error": f"there is no customer {nobody}"})


def test_a_request_that_is_sent_again_with_its_key_happens_once(shop, ann):
    key = uuid.uuid4()
    assert shop.place_order(ann, 1, key) == shop.place_order(ann, 1, key) == (200, {"orderId": str(key)})


@pytest.mark.parametrize("total", [-1, 0.001, "1", True, None, 1e300, float("nan")])
def test_a_total_that_is_no_amount_is_refused(shop, ann, total):
    assert shop.place_order(ann, total)[0] == 400


def test_confirmations_go_on_where_they_were_killed(shop, mail_server, ann):
    shop.kill("confirmations")
    order = place(shop, ann, 1)
    becomes(shop, order, "APPROVED")
    shop.start("confirmations")
    eventually(lambda: mails_of(mail_server, order))
