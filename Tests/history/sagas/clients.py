"""Clients that start transfers, and know which have ended."""

import threading
from collections import namedtuple
from random import Random

import grpc
from cluster.clients import TRY_AGAIN
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from outrider.v1 import log_pb2, log_pb2_grpc
from transfers import Clients

from .logic import ACCOUNT, TRANSFER, put, take

KINDS = ["plain"] * 5 + ["impatient"] * 3 + ["scheduled", "cancelling", "fickle", "fickle", "empty"]
CENTS_MAX = 100
OPENED_WITH = 3 * CENTS_MAX
TIMEOUT = 5  # seconds, of a call
RECONNECT = [("grpc.max_reconnect_backoff_ms", 200)]

#: A transfer as it is started.
Transfer = namedtuple("Transfer", "key root order")


def channel(address):
    return grpc.insecure_channel(address, options=RECONNECT)


class Plan:
    """All that is to happen follows from the seed: the accounts, and each transfer."""

    def __init__(self, seed, accounts):
        self.seed = seed
        random = Random(f"{seed} accounts")
        self.accounts = [random.randbytes(16) for _ in range(accounts)]
        self.stranger = random.randbytes(16)  # no such account

    def transfer(self, number):
        random = Random(f"{self.seed} {number}")
        payer, other, payee = (root.hex() for root in random.sample(self.accounts, 3))
        kind = random.choice(KINDS)
        if random.random() < 0.05:
            payee = self.stranger.hex()
        if random.random() < 0.02:
            payer = self.stranger.hex()
        cents = 0 if kind == "empty" else random.randint(1, CENTS_MAX)
        order = {"payer": payer, "other": other, "payee": payee, "cents": cents, "kind": kind,
                 "milliseconds": random.randint(0, 40 if kind == "impatient" else 400)}
        return Transfer(f"transfer-{number}", random.randbytes(16), order)


class SagaClients(Clients):
    def __init__(self, plan, deployment, count, window):
        super().__init__(plan, count, window)
        self.stubs = {domain: services.BusinessCoordinatorStub(channel(address))
                      for domain, address in deployment.handlers.items()}
        self.followers = [
            Ends(deployment.queries, partition, self.note_ends) for partition in range(deployment.partitions)]

    def open_accounts(self):
        for root in self.plan.accounts:
            self.send(ACCOUNT, root, f"open-{root.hex()}", "", "open", cents=OPENED_WITH)

    def start(self):
        super().start()
        for follower in self.followers:
            follower.start()

    def begin(self, transfer):
        self.send(TRANSFER, transfer.root, f"start-{transfer.key}", transfer.key, "start", **transfer.order)

    def send(self, domain, root, id, correlation, what, **fields):
        """Sends a command until it is answered."""
        book = evented.CommandBook(command_id=id, correlation=correlation)
        book.cover.domain, book.cover.root.value = domain, root
        put(book.pages.add().command, what, **fields)
        pause = threading.Event()
        while True:
            try:
                return self.stubs[domain].Handle(book, timeout=TIMEOUT)
            except grpc.RpcError as error:
                if error.code() not in TRY_AGAIN:
                    return self.complaints.append(f"{id} was answered {error.code().name}: {error.details()}")
            pause.wait(0.02)


class Ends(threading.Thread):
    """Follows a partition of the transfers' log, and tells how many more have ended."""

    def __init__(self, address, partition, tell):
        super().__init__(daemon=True)
        self.stub = log_pb2_grpc.LogStub(channel(address))
        self.partition, self.tell, self.after = partition, tell, 0

    def run(self):
        pause = threading.Event()
        while True:
            request = log_pb2.ReadLogRequest(
                domain=TRANSFER, partition=self.partition, after=self.after, follow=True)
            try:
                for entry in self.stub.Read(request):
                    self.after = entry.position.number
                    ends = [page for page in entry.book.pages if take(page.Event)["what"] != "start"]
                    self.tell(len(ends))
            except grpc.RpcError:  # the query-handler is away
                pause.wait(0.05)
