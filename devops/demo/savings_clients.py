"""Those who have accounts, and what they were told."""

import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
from clients import TIMEOUT
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from messages import new_root
from outrider.v1 import log_pb2, log_pb2_grpc, parked_pb2, parked_pb2_grpc, sagas_pb2, sagas_pb2_grpc
from savings_books import CARDS, ENDS, LIMIT
from savings_records import account_name, packed, record, unpacked

KINDS = "checking", "savings", "credit"
DISPATCHER = "dispatcher"
OPENED_WITH, CREDIT, AMOUNT_MAX = 600_00, 300_00, 90_00  # cents
PAUSE = 0.02  # seconds, between two tries


class SavingsClients:
    """Every command is sent again under its id until it is answered: processes are killed beside it.

    An account's name is its kind and its root.
    """

    def __init__(self, addresses):
        self.accounts, self.stranger = [], ("checking", new_root())  # nobody has opened the latter
        self.answers = {}  # accounts and events, by command id
        self.refusals = {}  # what was said, by command id
        self.heads = dict.fromkeys(KINDS, 0)  # of each log, as answers told of it
        self.change = threading.Lock()
        self.connect(addresses)

    def connect(self, addresses):
        """To a process that has come back."""
        channels = {role: grpc.insecure_channel(address) for role, address in addresses.items()}
        with self.change:
            self.coordinator = services.BusinessCoordinatorStub(channels["command-handler"])
            self.logs = log_pb2_grpc.LogStub(channels["query-handler"])
            self.sagas = sagas_pb2_grpc.SagasStub(channels["saga"])
            self.parked = parked_pb2_grpc.ParkedStub(channels["saga"])

    def send(self, name, command, card=""):
        """The events that the command led to, or the error with which it was refused."""
        key = str(uuid.uuid4())
        book = evented.CommandBook(cover=cover(name), command_id=key)
        book.pages.add(entity=card).command.CopyFrom(packed(command))
        give_up = time.monotonic() + 4 * TIMEOUT
        while time.monotonic() < give_up:
            try:
                answer = self.coordinator.Handle(book, timeout=TIMEOUT)
                events = [unpacked(page.Event) for book in answer.books for page in book.pages]
                self.note(key, name, events, answer.position.number)
                return events
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                    self.refusals[key] = error.details()
                    return error
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
            time.sleep(PAUSE)
        raise SystemExit("FAILED: Outrider does not come back")

    def note(self, key, name, events, position):
        with self.change:
            self.answers[key] = name, events
            self.heads[name[0]] = max(self.heads[name[0]], position)

    def open_accounts(self, count):
        """As many of each kind, each with its cards."""
        for number in range(count):
            name = KINDS[number % len(KINDS)], new_root()
            credit = CREDIT if name[0] == "credit" else 0
            self.send(name, record("OpenAccount", owner=f"Customer {number + 1}", credit=credit))
            self.send(name, record("DepositCash", amount=OPENED_WITH))
            for card in CARDS:
                self.send(name, record("IssueCard", limit=LIMIT), card)
            self.accounts.append(name)

    def answered(self):
        return len(self.answers) + len(self.refusals)

    def sent(self):
        """How many transfers clients were told of that they are on their way."""
        return sum(kind == "TransferSent" for _, events in list(self.answers.values()) for kind, _ in events)

    def log(self, kind):
        return list(self.logs.Read(log_pb2.ReadLogRequest(domain=kind), timeout=TIMEOUT))

    def is_settled(self):
        """Whether the logs can be read as far as answers told of them: see `Clients.log`."""
        heads = {kind: self.logs.Head(log_pb2.HeadRequest(domain=kind), timeout=TIMEOUT) for kind in KINDS}
        return all(head.positions[0].number >= self.heads[kind] for kind, head in heads.items())

    def events(self, name):
        return [unpacked(page.Event) for entry in self.log(name[0]) if entry.book.cover == cover(name)
                for page in entry.book.pages]

    def ended(self):
        """How many transfers have; None while nobody answers."""
        try:
            return sum(unpacked(page.Event)[0] in ENDS for kind in KINDS for entry in self.log(kind)
                       for page in entry.book.pages)
        except grpc.RpcError:
            return None

    def instances(self):
        request = sagas_pb2.ListSagaInstancesRequest(saga=DISPATCHER, page_size=1000)
        return list(self.sagas.List(request, timeout=TIMEOUT).instances)

    def pending(self):
        """The commands of the dispatcher that have not ended."""
        return [command for each in self.instances() for command in each.state.pending]

    def set_aside(self):
        request = parked_pb2.ListParkedRequest(domain=f"$saga.{DISPATCHER}")
        return list(self.parked.List(request, timeout=TIMEOUT).parked)


class SavingsLoad:
    """Many clients, each sending one command after the other to any account."""

    def __init__(self, clients, count, pause, seed):
        self.clients, self.pause = clients, pause
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(count)
        self.work = [self.pool.submit(self.run, random.Random(f"{seed} {number}")) for number in range(count)]

    def run(self, chance):
        while not self.stopped.wait(self.pause):
            name = chance.choice(self.clients.accounts)
            self.clients.send(name, *self.command(name, chance))

    def command(self, name, chance):
        """A command, and the card that it is for."""
        amount = chance.randint(1, AMOUNT_MAX)
        match chance.randrange(10):
            case 0 | 1 | 2:
                return record("DepositCash", amount=amount), ""
            case 3:
                return record("WithdrawCash", amount=amount), ""
            case 4 | 5:
                return record("WithdrawCash", amount=amount // 10), chance.choice(CARDS)
            case 6:
                return self.odd(chance), chance.choice(["", *CARDS])
            case _:
                payee = chance.choice([*self.clients.accounts, self.clients.stranger])
                return record("SendTransfer", payee=account_name(*payee), amount=amount), ""

    def odd(self, chance):
        """What ought to be refused, mostly."""
        return chance.choice([
            record("WithdrawCash", amount=-1), record("WithdrawCash", amount=100 * OPENED_WITH),
            record("OpenAccount", owner="Somebody"),
            record("SendTransfer", payee={"kind": "moon", "root": ""}, amount=1),
            record("CancelCard"), record("IssueCard", limit=LIMIT)])

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stopped.set()
        for work in self.work:
            work.result()


def cover(name):
    return evented.Cover(domain=name[0], root=evented.UUID(value=name[1]))
