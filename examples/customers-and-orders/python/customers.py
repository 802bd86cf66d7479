"""The service of customers: who they are, and how much credit they have left.

    POST /customers      {"name": s, "email": s, "creditLimit": {"amount": n}} → {"customerId": s}
    GET  /customers/ID   → name, email, credit limit and available credit

It reserves credit for each order that is created.
"""

import re
import uuid
from http import HTTPStatus
from typing import Any

import outrider
import settings
import shop_pb2
import web
from outrider import Code, Refused
from shop_pb2 import (
    CreateCustomer, CreditLimitExceeded, CreditReserved, CustomerCreated, CustomerUnknown, OrderCreated, ReserveCredit)


class Customer(outrider.Aggregate):
    state: shop_pb2.Customer
    snapshot_every = 100

    @outrider.process
    def create(self, command: CreateCustomer) -> CustomerCreated:
        if self.state.name:
            raise Refused(Code.ALREADY_EXISTS, "the customer exists already")
        if not command.name:
            raise Refused(Code.INVALID_ARGUMENT, "a customer has a name")
        return CustomerCreated(
            name=command.name, email=command.email, credit_limit_cents=command.credit_limit_cents)

    @outrider.process
    def reserve(self, command: ReserveCredit) -> CreditReserved | CreditLimitExceeded | CustomerUnknown:
        if not self.state.name:
            return CustomerUnknown(order=command.order)
        if self.state.reserved_cents + command.cents > self.state.credit_limit_cents:
            return CreditLimitExceeded(order=command.order)
        return CreditReserved(order=command.order, cents=command.cents)

    @outrider.apply
    def created(self, event: CustomerCreated) -> None:
        self.state.name, self.state.email = event.name, event.email
        self.state.credit_limit_cents = event.credit_limit_cents

    @outrider.apply
    def reserved(self, event: CreditReserved) -> None:
        self.state.reserved_cents += event.cents

    @outrider.apply
    def refused(self, event: CreditLimitExceeded | CustomerUnknown) -> None:
        """The credit stays as it is."""


connection = settings.connect()
customers = outrider.Aggregates(Customer, domain="customer", connection=connection)
workflow = outrider.Subscriber("customer-workflow", ["order"], connection=connection)


@workflow.on
def reserve_credit(created: OrderCreated, event: outrider.Event) -> None:
    """Once for each order, however often the event comes: it makes the command's id."""
    command = ReserveCredit(order=event.root.bytes, cents=created.total_cents)
    customers.update(uuid.UUID(bytes=created.customer), command, trigger=event)


def create(request: web.Request) -> dict[str, Any]:
    email = request.text("email")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email) or not email.isascii():
        raise web.Failure(HTTPStatus.BAD_REQUEST, "email must be an address such as ann@example.com")
    command = CreateCustomer(
        name=request.text("name"), email=email, credit_limit_cents=request.cents("creditLimit"))
    key = request.key or uuid.uuid4()
    return {"customerId": str(customers.create(command, root=key, command_id=str(key)).root)}


def read(request: web.Request) -> dict[str, Any]:
    found = customers.find(request.id)
    if not found or not found.aggregate.state.name:
        raise web.Failure(HTTPStatus.NOT_FOUND, f"there is no customer {request.id}")
    customer = found.aggregate.state
    return {
        "customerId": str(request.id), "name": customer.name, "email": customer.email,
        "creditLimit": web.money(customer.credit_limit_cents),
        "money": web.money(customer.credit_limit_cents - customer.reserved_cents)}


if __name__ == "__main__":
    web.start(settings.CUSTOMERS, {"POST /customers": create, "GET /customers/{id}": read})
    workflow.start()
    outrider.serve(Customer)
    workflow.stop()
