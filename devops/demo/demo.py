"""Shows the bank example at work, kills Outrider under load, and proves that nothing is lost.

A plain gRPC client. Exits with 0 only if every proof holds.  Usage: demo.py EXECUTABLE [sqlite|mongodb]
"""

import os
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import bank_pb2 as bank
import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as evented_services
from outrider.v1 import log_pb2, log_pb2_grpc, projections_pb2, projections_pb2_grpc
from sidecar import BANK, DOMAIN, PROJECTOR, Sidecar

ACCOUNTS, CLIENTS, LOAD_SECONDS, TIMEOUT = 40, 16, 3, 15
EVENTS = (bank.AccountOpened, bank.DepositReceived, bank.CashWithdrawn, bank.WithdrawalRefused)


def main():
    with new_store(*sys.argv[2:]) as data, Sidecar(sys.argv[1], data, BANK) as sidecar:
        demonstrate(sidecar)


@contextmanager
def new_store(kind="sqlite"):
    """An empty place for events: a directory, or a database of the server that the tests use."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="outrider-demo-") as directory:
            yield directory
    elif kind == "mongodb":
        server, mark, options = os.environ["OUTRIDER_TEST_MONGODB_URI"].partition("?")
        database = f"outrider-demo-{uuid.uuid4().hex[:8]}"
        print(f"The store is MongoDB, database {database}")
        yield f"{server.rstrip('/')}/{database}{mark}{options}"
    else:
        sys.exit(f"STORE is {kind}; it may be sqlite or mongodb")


def demonstrate(sidecar):
    title("Outrider runs, with a bank in Python beside it")
    clients = Clients(sidecar)
    for role, address in sorted(sidecar.addresses.items()):
        print(f"  {role:<16} {address}")

    title("Commands go in, events come out")
    alice = new_root()
    for command in (
        bank.OpenAccount(owner="Alice"),
        bank.ReceiveDeposit(cents=100_00),
        bank.WithdrawCash(cents=30_00),
        bank.WithdrawCash(cents=500_00),
    ):
        show(command, clients.send(alice, command))
    for command in (bank.OpenAccount(owner="Alice"), bank.ReceiveDeposit(cents=-5)):
        show_refusal(clients, alice, command)

    title("Events and balance are read back")
    for page in clients.events(alice):
        print(f"  {page.num}  {text(unpack(page.Event))}")
    balance = clients.balance(alice, at_least=len(clients.events(alice)) - 1)
    print(f"  balance: {text(balance)}")

    title(f"{CLIENTS} clients work at once, and Outrider is killed (SIGKILL)")
    accounts = [alice] + [new_root() for _ in range(ACCOUNTS - 1)]
    ledger = clients.ledger
    for number, root in enumerate(accounts[1:], start=2):
        clients.send(root, bank.OpenAccount(owner=f"Customer {number}"))
    load = Load(clients, accounts)
    time.sleep(LOAD_SECONDS / 2)
    sidecar.kill()
    load.stop()
    before = len(ledger.answers)
    print(f"  {before} commands acknowledged, {len(ledger.pending)} without an answer")

    sidecar.start()
    print(f"  started again on the same data in {sidecar.start_seconds:.2f} s")
    clients.connect()
    repeated = [clients.send(*ledger.pending[key], key) for key in list(ledger.pending)]
    stored = sum(answer.already_handled for answer in repeated)
    print(f"  {len(repeated)} commands sent again with the same command_id: {stored} had been stored")
    load = Load(clients, accounts)
    time.sleep(LOAD_SECONDS / 2)
    load.stop()
    print(f"  {len(ledger.answers) - before - len(repeated)} more commands acknowledged since")

    title("Proofs")
    prove(clients, accounts)


# Clients


class Ledger:
    """What the clients asked, by command id, and what they were told."""

    def __init__(self):
        self.pending = {}
        self.answers = {}


class Clients:
    def __init__(self, sidecar):
        self.sidecar = sidecar
        self.ledger = Ledger()
        self.connect()

    def connect(self):
        commands, queries = map(self.sidecar.channel, ("command-handler", "query-handler"))
        self.commands = evented_services.BusinessCoordinatorStub(commands)
        self.queries = evented_services.EventQueryStub(queries)
        self.projections = projections_pb2_grpc.ProjectionsStub(queries)
        self.logs = log_pb2_grpc.LogStub(queries)

    def send(self, root, command, key=None):
        """Sends one command, and books the answer. Its id makes it safe to send it again."""
        key = key or str(uuid.uuid4())
        book = evented.CommandBook(cover=cover(root), command_id=key)
        book.pages.add().command.Pack(command)
        self.ledger.pending[key] = (root, command)
        try:
            answer = self.commands.Handle(book, timeout=TIMEOUT, wait_for_ready=True)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT):
                del self.ledger.pending[key]  # refused: final, nothing is stored
            raise
        self.ledger.answers[key] = (root, answer)
        del self.ledger.pending[key]
        return answer

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
    """Many clients, each sending one command after the other until Outrider goes away."""

    def __init__(self, clients, accounts):
        self.clients, self.accounts = clients, accounts
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(CLIENTS)
        self.work = [self.pool.submit(self.run, number) for number in range(CLIENTS)]

    def run(self, number):
        step = number
        while not self.stopped.is_set():
            root = self.accounts[step % len(self.accounts)]
            deposit = bank.ReceiveDeposit(cents=10 + step % 7)
            withdrawal = bank.WithdrawCash(cents=15 + step % 5)
            try:
                self.clients.send(root, deposit if step % 3 else withdrawal)
            except grpc.RpcError:
                return  # the command stays in the ledger, without an answer
            step += CLIENTS + 1

    def stop(self):
        self.stopped.set()
        for work in self.work:
            work.result()


# Proofs


def prove(clients, accounts):
    answers = clients.ledger.answers
    streams = {root: clients.events(root) for root in accounts}
    entries = list(clients.log(max(answer.position.number for _, answer in answers.values())))
    log = [entry for entry in entries if not entry.tombstone]
    times_stored = Counter(entry.book.command_id for entry in log)

    proof(
        "every command was answered in the end, none with an error",
        [f"command {key} for {name(root)}" for key, (root, _) in clients.ledger.pending.items()],
        f"{len(answers)} commands")
    proof(
        "the log holds every acknowledged command exactly once, and nothing else",
        [f"command {key}: stored {times_stored[key]} times, acknowledged {key in answers}"
         for key in answers.keys() | times_stored.keys()
         if times_stored[key] != 1 or key not in answers],
        f"{len(log)} commits")
    proof(
        "log positions are dense",
        [f"position {entry.position.number} in place {place}"
         for place, entry in enumerate(entries, start=1) if entry.position.number != place],
        f"{len(entries) - len(log)} were given up by the killed process" if len(entries) > len(log) else "")
    proof(
        "every account's events are numbered from 0 without a gap",
        [f"{name(root)}: {[page.num for page in pages]}"
         for root, pages in streams.items()
         if [page.num for page in pages] != list(range(len(pages)))],
        f"{sum(map(len, streams.values()))} events of {len(accounts)} accounts")
    proof(
        "every acknowledged event is stored as it was acknowledged",
        [f"{name(root)}, event {page.num}"
         for root, answer in answers.values() for book in answer.books for page in book.pages
         if streams[root][page.num : page.num + 1] != [page]])
    in_log = grouped_by_root(log)
    proof(
        "log and event streams say the same",
        [name(root) for root in streams.keys() | in_log.keys()
         if streams.get(root) != in_log.get(root)])
    balances = {
        root: clients.balance(root, at_least=len(pages) - 1) for root, pages in streams.items()}
    proof(
        "every balance is right",
        [f"{name(root)}: {text(balance)}, but its events make {text(recount(streams[root]))}"
         for root, balance in balances.items() if balance != recount(streams[root])],
        f"{sum(balance.cents for balance in balances.values()) / 100:,.2f} in all")


def proof(claim, counterexamples, note=""):
    print(f"  {'FAILED' if counterexamples else 'holds '}  {claim}" + (f" ({note})" if note else ""))
    if counterexamples:
        sys.exit("\n".join(f"          {each}" for each in counterexamples[:5]))


def grouped_by_root(log):
    streams = defaultdict(list)
    for entry in log:
        streams[entry.book.cover.root.value].extend(entry.book.pages)
    return streams


def recount(pages):
    """The balance as a bank clerk would work it out, independent of the projector."""
    balance = bank.Balance()
    for event in (unpack(page.Event) for page in pages):
        match event:
            case bank.AccountOpened():
                balance.owner = event.owner
            case bank.DepositReceived():
                balance.cents += event.cents
            case bank.CashWithdrawn():
                balance.cents -= event.cents
            case bank.WithdrawalRefused():
                balance.refused_withdrawals += 1
    return balance


# Messages and the terminal


def new_root():
    """A time-ordered UUID (version 7), which is stored fastest."""
    random = uuid.uuid4().bytes
    stamp = time.time_ns() // 1_000_000
    return stamp.to_bytes(6, "big") + bytes([0x70 | random[6] & 0x0F]) + random[7:]


def name(root):
    return f"account {uuid.UUID(bytes=root)}"


def cover(root):
    return evented.Cover(domain=DOMAIN, root=evented.UUID(value=root))


def unpack(packed):
    for message in (kind() for kind in EVENTS):
        if packed.Unpack(message):
            return message
    raise SystemExit(f"FAILED: the bank knows no event {packed.type_url}")


def text(message):
    fields = ", ".join(f"{field.name} {value}" for field, value in message.ListFields())
    return f"{message.DESCRIPTOR.name}({fields})"


def show(command, answer):
    events = ", ".join(text(unpack(page.Event)) for book in answer.books for page in book.pages)
    print(f"  {text(command):<32} → {events}")


def show_refusal(clients, root, command):
    try:
        clients.send(root, command)
    except grpc.RpcError as error:
        print(f"  {text(command):<32} → {error.code().name}: {error.details()}")
    else:
        sys.exit(f"FAILED: {text(command)} was not refused")


def title(line):
    print(f"\n{line}")


if __name__ == "__main__":
    main()
