"""Customers and orders by themselves: no server runs."""

import uuid

from customers import Customer
from orders import Order
from outrider import Code
from outrider.testing import aggregate
from shop_pb2 import (
    ApproveOrder, CreateOrder, CreditLimitExceeded, CreditReserved, CustomerCreated, CustomerUnknown, OrderApproved,
    OrderCreated, OrderRejected, RejectOrder, ReserveCredit)

CUSTOMER, ORDER, ANOTHER = (uuid.UUID(int=number).bytes for number in (1, 2, 3))
ANN = CustomerCreated(name="Ann", email="ann@example.com", credit_limit_cents=100)
CREATED = OrderCreated(customer=CUSTOMER, total_cents=60)
APPROVED = OrderApproved(customer=CUSTOMER, total_cents=60)


def test_credit_is_reserved_up_to_the_limit() -> None:
    past = aggregate(Customer).given(ANN, CreditReserved(order=ORDER, cents=60))
    past.when(ReserveCredit(order=ANOTHER, cents=40)).then(CreditReserved(order=ANOTHER, cents=40))


def test_credit_beyond_the_limit_is_not_reserved() -> None:
    past = aggregate(Customer).given(ANN, CreditReserved(order=ORDER, cents=60))
    past.when(ReserveCredit(order=ANOTHER, cents=41)).then(CreditLimitExceeded(order=ANOTHER))


def test_nobody_has_no_credit() -> None:
    aggregate(Customer).given().when(ReserveCredit(order=ORDER, cents=0)).then(CustomerUnknown(order=ORDER))


def test_an_order_is_approved_or_rejected() -> None:
    aggregate(Order).given(CREATED).when(ApproveOrder()).then(APPROVED)
    aggregate(Order).given(CREATED).when(RejectOrder(reason="no credit")).then(
        OrderRejected(customer=CUSTOMER, reason="no credit"))


def test_an_order_ends_once() -> None:
    aggregate(Order).given(CREATED, APPROVED).when(RejectOrder(reason="too late")).then()


def test_an_order_that_nobody_created_does_not_end() -> None:
    aggregate(Order).given().when(ApproveOrder()).then_refused(Code.NOT_FOUND)


def test_a_negative_total_is_refused() -> None:
    command = CreateOrder(customer=CUSTOMER, total_cents=-1)
    aggregate(Order).given().when(command).then_refused(Code.INVALID_ARGUMENT)
