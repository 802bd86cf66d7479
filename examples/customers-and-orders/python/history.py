"""The order history: for each customer a document in MongoDB with the recent orders, and one for each order.

    GET /customers/ID   → the customer with the orders, the newest first
    GET /orders/ID      → an order's state and total

An event may come again, long after later ones. Each order has the sequence of the last event in it, and takes only
one with a higher sequence. So no event sets a document back.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import outrider
import settings
import web
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError
from shop_pb2 import CustomerCreated, OrderApproved, OrderCreated, OrderRejected

#: How many orders a customer's document holds. Older ones are in their own documents alone.
RECENT = 50

Document = dict[str, Any]

database = MongoClient[Document](settings.MONGODB, w="majority").get_default_database(settings.DATABASE)
customers, orders = database["customerView"], database["orderView"]
subscriber = outrider.Subscriber("order-history", ["customer", "order"], connection=settings.connect())


@subscriber.on
def add_customer(created: CustomerCreated, event: outrider.Event) -> None:
    customer = str(event.root)
    insert(customers, customer, {"orders": []})
    facts = {"name": created.name, "creditLimitCents": created.credit_limit_cents}
    customers.update_one({"_id": customer}, {"$set": facts})


@subscriber.on
def add_order(created: OrderCreated, event: outrider.Event) -> None:
    order, customer = str(event.root), str(UUID(bytes=created.customer))
    facts: Document = {"state": "CREATED", "totalCents": created.total_cents, "sequence": event.sequence}
    insert(orders, order, facts)
    insert(customers, customer, {"orders": []})  # this event may come before the customer's
    # The time is the event's, so an order that was cut off and comes again is cut off again.
    entry = {"id": order, "createdAt": millisecond(event.created_at)} | facts
    customers.update_one(
        {"_id": customer, "orders.id": {"$ne": order}},
        {"$push": {"orders": {"$each": [entry], "$sort": {"createdAt": -1, "id": -1}, "$slice": RECENT}}})


@subscriber.on
def end_order(ended: OrderApproved | OrderRejected, event: outrider.Event) -> None:
    order = str(event.root)
    state = "APPROVED" if isinstance(ended, OrderApproved) else "REJECTED"
    is_older = {"$lt": event.sequence}
    orders.update_one(
        {"_id": order, "sequence": is_older}, {"$set": {"state": state, "sequence": event.sequence}})
    customers.update_one(
        {"_id": str(UUID(bytes=ended.customer)), "orders": {"$elemMatch": {"id": order, "sequence": is_older}}},
        {"$set": {"orders.$.state": state, "orders.$.sequence": event.sequence}})


def insert(collection: Collection[Document], id: str, facts: Document) -> None:
    """Leaves a document as it is that is there."""
    try:
        collection.update_one({"_id": id}, {"$setOnInsert": facts}, upsert=True)
    except DuplicateKeyError:
        pass  # another thread was faster


def millisecond(time: datetime | None) -> datetime:
    """As MongoDB keeps it."""
    assert time is not None  # Outrider stores the time of each event
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def read_customer(request: web.Request) -> dict[str, Any]:
    found = customers.find_one({"_id": str(request.id), "name": {"$exists": True}})
    if not found:
        raise web.Failure(HTTPStatus.NOT_FOUND, f"there is no customer {request.id}")
    return {
        "id": found["_id"], "name": found["name"], "creditLimit": web.money(found["creditLimitCents"]),
        "orders": {order["id"]: shown(order) for order in found["orders"]}}


def read_order(request: web.Request) -> dict[str, Any]:
    found = orders.find_one({"_id": str(request.id)})
    if not found:
        raise web.Failure(HTTPStatus.NOT_FOUND, f"there is no order {request.id}")
    return shown(found)


def shown(order: Document) -> dict[str, Any]:
    return {"state": order["state"], "orderTotal": web.money(order["totalCents"])}


if __name__ == "__main__":
    web.start(settings.HISTORY, {"GET /customers/{id}": read_customer, "GET /orders/{id}": read_order})
    subscriber.run()
