"""The bank's clients: plain gRPC, and a ledger of what they asked and were told."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import bank_pb2 as bank
import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as evented_services
from messages import cover, name, new_root
from outrider.v1 import log_pb2, log_pb2_grpc, projections_pb2, projections_pb2_grpc
from sidecar import DOMAIN, PROJECTOR

TIMEOUT = 15
FINAL = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT)


class Ledger:
    """What the clients asked, by command id, and what they were told."""

    def __init__(self):
        self.pending = {}
        self.answers = {}


class Clients:
    """Calls on three channels, which may all lead to one process."""

    def __init__(self, commands, queries, projections):
        self.ledger = Ledger()
        self.connect(commands, queries, projections)

    def connect(self, commands, queries, projections):
        self.commands = evented_services.BusinessCoordinatorStub(commands)
        self.queries = evented_services.EventQueryStub(queries)
        self.logs = log_pb2_grpc.LogStub(queries)
        self.projections = projections_pb2_grpc.ProjectionsStub(projections)

    def send(self, root, command, key=None):
        """Sends one command, and books the answer. Its id makes it safe to send it again."""
        key = key or str(uuid.uuid4())
        book = evented.CommandBook(cover=cover(root), command_id=key)
        book.pages.add().command.Pack(command)
        self.ledger.pending[key] = (root, command)
        try:
            answer = self.commands.Handle(book, timeout=TIMEOUT, wait_for_ready=True)
        except grpc.RpcError as error:
            if error.code() in FINAL:
                del self.ledger.pending[key]  # refused: nothing is stored
            raise
        self.ledger.answers[key] = (root, answer)
        del self.ledger.pending[key]
        return answer

    def open_accounts(self, count):
        """Opens as many, after Alice's, and returns their roots."""
        roots = [new_root() for _ in range(count)]
        for number, root in enumerate(roots, start=2):
            self.send(root, bank.OpenAccount(owner=f"Customer {number}"))
        return roots

    def events(self, root):
        query = evented.Query(domain=DOMAIN, root=evented.UUID(value=root))
        return [page for book in self.queries.GetEvents(query, timeout=TIMEOUT) for page in book.pages]

    def balance(self, root, at_least):
        """The account's balance, once it includes the event with that sequence."""
        request = projections_pb2.GetProjectionRequest(
            projector=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=root))
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                projection = self.projections.Get(request, timeout=TIMEOUT).projection
                if projection.sequence >= at_least:
                    balance = bank.Balance()
                    projection.projection.Unpack(balance)
                    return balance
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    raise
            time.sleep(0.02)
        raise SystemExit(f"FAILED: the balance of {name(root)} never came to event {at_least}")

    def projected(self):
        """How many events the first 1000 balances include; None while the projector is away."""
        request = projections_pb2.ListProjectionsRequest(projector=PROJECTOR, domain=DOMAIN, page_size=1000)
        try:
            records = self.projections.List(request, timeout=1).records
        except grpc.RpcError:
            return None
        return sum(record.projection.sequence + 1 for record in records)

    def log(self, position):
        """Every commit of the domain, in the order in which it was written, once all up to the position
        are settled: on MongoDB a writer that was killed leaves a place that readers wait a second for."""
        deadline = time.monotonic() + TIMEOUT
        head = log_pb2.HeadRequest(domain=DOMAIN)
        while self.logs.Head(head, timeout=TIMEOUT).positions[0].number < position:
            if time.monotonic() > deadline:
                raise SystemExit(f"FAILED: the log is not settled up to {position}")
            time.sleep(0.02)
        return self.logs.Read(log_pb2.ReadLogRequest(domain=DOMAIN), timeout=TIMEOUT)


class Load:
    """Many clients, each sending one command after the other until a call fails."""

    def __init__(self, clients, accounts, count, pause=0):
        self.clients, self.accounts, self.count, self.pause = clients, accounts, count, pause
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(count)
        self.work = [self.pool.submit(self.run, number) for number in range(count)]

    def run(self, number):
        step = number
        while not self.stopped.wait(self.pause):
            root = self.accounts[step % len(self.accounts)]
            deposit = bank.ReceiveDeposit(cents=10 + step % 7)
            withdrawal = bank.WithdrawCash(cents=15 + step % 5)
            try:
                self.clients.send(root, deposit if step % 3 else withdrawal)
            except grpc.RpcError:
                return  # the command stays in the ledger, without an answer
            step += self.count + 1

    def stop(self):
        self.stopped.set()
        for work in self.work:
            work.result()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stop()
