"""Those who start transfers, and what they were told."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import bank_pb2 as bank
import grpc
import transfer_pb2 as transfer
from clients import TIMEOUT
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from messages import new_root
from outrider.v1 import log_pb2, log_pb2_grpc, parked_pb2, parked_pb2_grpc, sagas_pb2, sagas_pb2_grpc

SAGA = "transfer"
OWN = f"$saga.{SAGA}"
OPENED_WITH, CENTS_MAX = 400_00, 150_00
PAUSE = 0.05  # seconds, between two tries


class Transfers:
    """Every call is made again under its id until it is answered: processes are killed beside it."""

    def __init__(self, addresses):
        self.accounts, self.stranger = [], new_root()  # nobody has opened the latter
        self.started = {}  # roots, by the correlation that each transfer has of its own
        self.change = threading.Condition()
        self.connect(addresses)

    def connect(self, addresses):
        """To a process that has come back."""
        channels = {role: grpc.insecure_channel(address) for role, address in addresses.items()}
        with self.change:
            self.bank = services.BusinessCoordinatorStub(channels["command-handler"])
            self.logs = log_pb2_grpc.LogStub(channels["query-handler"])
            self.sagas = sagas_pb2_grpc.SagasStub(channels["saga"])
            self.parked = parked_pb2_grpc.ParkedStub(channels["saga"])

    def send(self, domain, root, command, over=None, **fields):
        """Gives up where `over` is set."""
        book = evented.CommandBook(command_id=str(uuid.uuid4()), **fields)
        book.cover.domain, book.cover.root.value = domain, root
        book.pages.add().command.Pack(command)
        over = over or threading.Event()
        while True:
            try:
                return self.bank.Handle(book, timeout=TIMEOUT)
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
            if over.wait(PAUSE):
                raise SystemExit("FAILED: Outrider does not come back")

    def open_accounts(self, count):
        for number in range(count):
            root = new_root()
            self.send("bank", root, bank.OpenAccount(owner=f"Customer {number + 1}"))
            self.send("bank", root, bank.ReceiveDeposit(cents=OPENED_WITH))
            self.accounts.append(root)

    def begin(self, payer, payee, cents):
        """Starts a transfer. Its saga does the rest. Returns the transfer's correlation."""
        root, key = new_root(), str(uuid.uuid4())
        self.started[key] = root
        self.send("transfer", root, transfer.StartTransfer(payer=payer, payee=payee, cents=cents), correlation=key)
        return key

    def log(self, domain):
        return [entry for entry in self.logs.Read(log_pb2.ReadLogRequest(domain=domain), timeout=TIMEOUT)
                if not entry.tombstone]

    def ended(self):
        """How many transfers have; None while nobody answers."""
        try:
            return sum(page.Event.TypeName() != "transfer.TransferStarted"
                       for entry in self.log("transfer") for page in entry.book.pages)
        except grpc.RpcError:
            return None

    def unfinished(self):
        request = sagas_pb2.ListSagaInstancesRequest(saga=SAGA, unfinished=True, page_size=1000)
        return list(self.sagas.List(request, timeout=TIMEOUT).instances)

    def set_aside(self):
        return list(self.parked.List(parked_pb2.ListParkedRequest(domain=OWN), timeout=TIMEOUT).parked)


class TransferLoad:
    """Many clients, each starting one transfer after the other between any two accounts."""

    def __init__(self, transfers, count, pause, seed):
        self.transfers, self.pause = transfers, pause
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(count)
        self.work = [self.pool.submit(self.run, random.Random(f"{seed} {number}")) for number in range(count)]

    def run(self, chance):
        while not self.stopped.wait(self.pause):
            payer, payee = chance.sample(self.transfers.accounts, 2)
            if chance.random() < 0.1:
                payee = self.transfers.stranger
            self.transfers.begin(payer, payee, chance.randint(1, CENTS_MAX))

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stopped.set()
        for work in self.work:
            work.result()
