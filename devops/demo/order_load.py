"""Those who place orders, and what they were told."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import shop_pb2
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services

LIMIT = 1000_00  # cents, of each customer
CENTS = 50_00, 300_00  # of an order
ORDERS_EACH = 8  # more than the limit is good for
TIMEOUT = 15  # seconds


class OrderLoad:
    """Each request is sent again with its key until it is answered: processes are killed beside it."""

    def __init__(self, shop, pause, seed):
        self.shop, self.pause, self.seed = shop, pause, seed
        self.customers = {}  # credit limits
        self.placed = {}  # customer and total
        self.refused = 0
        self.stranger = uuid.UUID(int=random.Random(f"{seed} stranger").getrandbits(128), version=4)
        self.handler = services.BusinessCoordinatorStub(grpc.insecure_channel(
            shop.addresses["commands"], [("grpc.max_reconnect_backoff_ms", 500)]))

    @contextmanager
    def by(self, clients):
        """So many place orders meanwhile."""
        over = threading.Event()
        with ThreadPoolExecutor(clients) as pool:
            work = [pool.submit(self.run, f"Client {number}", random.Random(f"{self.seed} {number}"), over)
                    for number in range(clients)]
            try:
                yield
            finally:
                over.set()
            for each in work:
                each.result()

    def run(self, name, chance, over):
        while not over.is_set():
            customer = self.create_customer(name, LIMIT, chance)
            for _ in range(ORDERS_EACH):
                if over.wait(self.pause):
                    return
                cents = chance.randint(*CENTS)
                match chance.randrange(20):
                    case 0:
                        self.place(self.stranger, cents, chance)
                    case 1:
                        self.place_unasked(self.stranger, cents, chance)
                    case _:
                        self.place(customer, cents, chance)

    def create_customer(self, name, limit, chance):
        customer = uuid.UUID(self.shop.create_customer(name, limit / 100, new_key(chance)))
        self.customers[customer] = limit
        return customer

    def place(self, customer, cents, chance):
        """Over HTTP. Returns the status and the order's id, if there is one."""
        status, answer = self.shop.place_order(customer, cents / 100, new_key(chance))
        if status != (200 if customer in self.customers else 400):
            raise SystemExit(f"FAILED: an order over {cents} cents of {customer} is answered {status}: {answer}")
        if status != 200:
            self.refused += 1
            return status, None
        order = uuid.UUID(answer["orderId"])
        self.placed[order] = customer, cents
        return status, order

    def place_unasked(self, customer, cents, chance):
        """A command past the service of orders, so that nobody has asked whether there is such a customer."""
        order = new_key(chance)
        book = evented.CommandBook(command_id=str(order))
        book.cover.domain, book.cover.root.value = "order", order.bytes
        book.pages.add().command.Pack(shop_pb2.CreateOrder(customer=customer.bytes, total_cents=cents))
        while True:
            try:
                self.handler.Handle(book, timeout=TIMEOUT, wait_for_ready=True)
                break
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
        self.placed[order] = customer, cents
        return order


def new_key(chance):
    return uuid.UUID(int=chance.getrandbits(128), version=4)
