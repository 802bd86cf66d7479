"""A client of the bank that Outrider runs."""

import uuid
from pathlib import Path

import bank_pb2
import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from outrider.v1 import projections_pb2, projections_pb2_grpc
from sidecar import DOMAIN, PROJECTOR

TIMEOUT = 20


def message(packed):
    """The bank's message inside an Any."""
    value = getattr(bank_pb2, packed.TypeName().removeprefix("bank."))()
    assert packed.Unpack(value)
    return value


class Bank:
    def __init__(self, sidecar):
        self.sidecar = sidecar
        self.coordinator = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler"))
        queries = sidecar.channel("query-handler")
        self.query = evented_pb2_grpc.EventQueryStub(queries)
        self.projections = projections_pb2_grpc.ProjectionsStub(queries)

    def account(self, root=None, position=None):
        return Account(self, root or uuid.uuid4().bytes, position)

    def opened(self, owner="Ann"):
        account = self.account()
        account.ask(bank_pb2.OpenAccount(owner=owner))
        return account

    def logic_processes(self):
        """The process ids of the logic."""
        listed = Path(f"/proc/{self.sidecar.process.pid}/task").glob("*/children")
        return [int(pid) for each in listed for pid in each.read_text().split()]


class Account:
    def __init__(self, bank, root, position):
        self.bank = bank
        self.root = root
        self.position = position  # of what was asked last

    def ask(self, *orders, synchronous=False):
        """The answer to a command with these pages."""
        book = evented.CommandBook(cover=evented.Cover(domain=DOMAIN, root=evented.UUID(value=self.root)))
        for order in orders:
            book.pages.add(synchronous=synchronous).command.Pack(order)
        answer = self.bank.coordinator.Handle(book, timeout=TIMEOUT)
        self.position = answer.position
        return answer

    def refusal(self, *orders):
        """How the bank refuses a command: the status and what it says."""
        try:
            answer = self.ask(*orders)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"it was not refused: {answer}")

    def events(self):
        query = evented.Query(domain=DOMAIN, root=evented.UUID(value=self.root))
        books = self.bank.query.GetEvents(query, timeout=TIMEOUT)
        return [message(page.Event) for book in books for page in book.pages]

    def balance(self):
        """The projection, once it has what this client asked for last."""
        request = projections_pb2.GetProjectionRequest(
            projector=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=self.root), at_least=self.position)
        return message(self.bank.projections.Get(request, timeout=TIMEOUT).projection.projection)
