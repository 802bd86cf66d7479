"""The service of orders: each is created, and then approved or rejected.

    POST /orders      {"customerId": s, "orderTotal": {"amount": n}} → {"orderId": s}
    GET  /orders/ID   → its customer, state and total, and why it was rejected

It asks the service of customers whether there is such a customer before it creates an order.
"""

import uuid
from http import HTTPStatus
from typing import Any

import customer_client
import outrider
import settings
import shop_pb2
import web
from outrider import Code, Refused
from shop_pb2 import (
    ApproveOrder, CreateOrder, CreditLimitExceeded, CreditReserved, CustomerUnknown, OrderApproved, OrderCreated,
    OrderRejected, RejectOrder)

State = shop_pb2.Order.State


class Order(outrider.Aggregate):
    state: shop_pb2.Order

    @outrider.process
    def create(self, command: CreateOrder) -> OrderCreated:
        if self.state.state != State.NONE:
            raise Refused(Code.ALREADY_EXISTS, "the order exists already")
        if len(command.customer) != 16 or command.total_cents < 0:
            raise Refused(Code.INVALID_ARGUMENT, "an order has a customer's root, and a total that is not negative")
        return OrderCreated(customer=command.customer, total_cents=command.total_cents)

    @outrider.process
    def end(self, command: ApproveOrder | RejectOrder) -> OrderApproved | OrderRejected | None:
        if self.state.state == State.NONE:
            raise Refused(Code.NOT_FOUND, "there is no such order")
        if self.state.state != State.CREATED:
            return None  # it ends once
        if isinstance(command, ApproveOrder):
            return OrderApproved(customer=self.state.customer, total_cents=self.state.total_cents)
        return OrderRejected(customer=self.state.customer, reason=command.reason)

    @outrider.apply
    def created(self, event: OrderCreated) -> None:
        self.state.state, self.state.customer = State.CREATED, event.customer
        self.state.total_cents = event.total_cents

    @outrider.apply
    def approved(self, event: OrderApproved) -> None:
        self.state.state = State.APPROVED

    @outrider.apply
    def rejected(self, event: OrderRejected) -> None:
        self.state.state, self.state.reason = State.REJECTED, event.reason


connection = settings.connect()
orders = outrider.Aggregates(Order, domain="order", connection=connection)
workflow = outrider.Subscriber("order-workflow", ["customer"], connection=connection)


@workflow.on
def approve(reserved: CreditReserved, event: outrider.Event) -> None:
    orders.update(uuid.UUID(bytes=reserved.order), ApproveOrder(), trigger=event)


@workflow.on
def reject(failed: CreditLimitExceeded | CustomerUnknown, event: outrider.Event) -> None:
    exceeded = isinstance(failed, CreditLimitExceeded)
    command = RejectOrder(reason="the credit limit is exceeded" if exceeded else "there is no such customer")
    orders.update(uuid.UUID(bytes=failed.order), command, trigger=event)


def create(request: web.Request) -> dict[str, Any]:
    customer, total = request.uuid("customerId"), request.cents("orderTotal")
    try:
        found = customer_client.find(customer)
    except customer_client.CustomersAway as failure:
        raise web.Failure(HTTPStatus.SERVICE_UNAVAILABLE, str(failure)) from failure
    if not found:
        raise web.Failure(HTTPStatus.BAD_REQUEST, f"there is no customer {customer}")
    key = request.key or uuid.uuid4()
    command = CreateOrder(customer=customer.bytes, total_cents=total)
    return {"orderId": str(orders.create(command, root=key, command_id=str(key)).root)}


def read(request: web.Request) -> dict[str, Any]:
    found = orders.find(request.id)
    if not found:
        raise web.Failure(HTTPStatus.NOT_FOUND, f"there is no order {request.id}")
    order = found.aggregate.state
    answer = {
        "orderId": str(request.id), "customerId": str(uuid.UUID(bytes=order.customer)),
        "state": State.Name(order.state), "orderTotal": web.money(order.total_cents)}
    return answer | ({"reason": order.reason} if order.reason else {})


if __name__ == "__main__":
    web.start(settings.ORDERS, {"POST /orders": create, "GET /orders/{id}": read})
    workflow.start()
    outrider.serve(Order)
    workflow.stop()
