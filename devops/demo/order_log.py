"""The logs of customers and orders, and what they amount to: worked out apart from the services."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import grpc
import shop_pb2 as shop
from outrider.v1 import log_pb2, log_pb2_grpc, subscriptions_pb2, subscriptions_pb2_grpc

TIMEOUT = 15  # seconds
EVENTS = {kind.DESCRIPTOR.full_name: kind for kind in (
    shop.CustomerCreated, shop.CreditReserved, shop.CreditLimitExceeded, shop.CustomerUnknown,
    shop.OrderCreated, shop.OrderApproved, shop.OrderRejected)}
#: Those who make views and mails of events, and the domains that these come from.
READERS = [("order-history", "customer"), ("order-history", "order"), ("confirmations", "order")]


@dataclass
class Fact:
    """An event, and the commit that it stands in."""

    root: uuid.UUID
    sequence: int
    event: Any
    position: int
    book: Any
    at: datetime

    @property
    def kind(self):
        return self.event.DESCRIPTOR.name


@dataclass
class Order:
    customer: uuid.UUID = None
    cents: int = 0
    state: str = ""
    reason: str = ""
    sequence: int = -1
    at: datetime = None
    kinds: list = field(default_factory=list)


@dataclass
class Customer:
    name: str = ""
    email: str = ""
    limit: int = 0
    reserved: int = 0
    #: What it answered, by order.
    answers: dict = field(default_factory=dict)


class OrderLog:
    """What was read once is kept: a log only grows."""

    def __init__(self, queries):
        self.channel = grpc.insecure_channel(queries, [("grpc.max_reconnect_backoff_ms", 500)])
        self.stub = log_pb2_grpc.LogStub(self.channel)
        self.subscriptions = subscriptions_pb2_grpc.SubscriptionsStub(self.channel)
        self.guard = threading.Lock()
        self.facts = {"customer": [], "order": []}
        self.after = dict.fromkeys(self.facts, 0)

    def read(self, domain):
        with self.guard:
            request = log_pb2.ReadLogRequest(domain=domain, after=self.after[domain])
            for entry in self.stub.Read(request, timeout=TIMEOUT, wait_for_ready=True):
                self.facts[domain] += facts_of(entry)
                self.after[domain] = entry.position.number
            return list(self.facts[domain])

    def ended(self):
        """How many orders are approved or rejected."""
        return sum(fact.sequence > 0 for fact in self.read("order"))

    def unhandled(self):
        """How many commits the readers have before them."""
        return sum(lane.head - lane.checkpoint for name, domain in READERS
                   for each in self.subscriptions.List(
                       subscriptions_pb2.ListSubscriptionsRequest(domain=domain), timeout=TIMEOUT).subscriptions
                   for lane in each.progress if each.name == name)

    def repeat(self):
        """Has every event delivered to the readers again, the oldest ones first."""
        for name, domain in READERS:
            self.subscriptions.Seek(subscriptions_pb2.SeekSubscriptionRequest(
                name=name, domain=domain, start=subscriptions_pb2.SUBSCRIPTION_START_BEGINNING), timeout=TIMEOUT)

    def orders(self):
        orders = {}
        for fact in self.read("order"):
            order, event = orders.setdefault(fact.root, Order()), fact.event
            order.kinds.append(fact.kind)
            order.sequence = fact.sequence
            match event:
                case shop.OrderCreated():
                    order.customer, order.cents = uuid.UUID(bytes=event.customer), event.total_cents
                    order.state, order.at = "CREATED", fact.at
                case shop.OrderApproved():
                    order.state = "APPROVED"
                case shop.OrderRejected():
                    order.state, order.reason = "REJECTED", event.reason
        return orders

    def customers(self):
        customers = {}
        for fact in self.read("customer"):
            customer, event = customers.setdefault(fact.root, Customer()), fact.event
            match event:
                case shop.CustomerCreated():
                    customer.name, customer.email = event.name, event.email
                    customer.limit = event.credit_limit_cents
                    continue
                case shop.CreditReserved():
                    customer.reserved += event.cents
            customer.answers.setdefault(uuid.UUID(bytes=event.order), []).append(fact)
        return customers


def facts_of(entry):
    """Nothing, of a place in the log that was given up."""
    for page in [] if entry.tombstone else entry.book.pages:
        event = EVENTS[page.Event.TypeName()]()
        page.Event.Unpack(event)
        yield Fact(uuid.UUID(bytes=entry.book.cover.root.value), page.num, event, entry.position.number, entry.book,
                   page.createdAt.ToDatetime(UTC))
