"""Event handlers, on a sidecar with the bank of README.md. Each test has a subscription and accounts of its own."""

import itertools
import queue
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
import outrider
import pytest
from bank import Account
from bank_pb2 import AccountOpened, CashWithdrawn, DepositReceived, OpenAccount, ReceiveDeposit
from conftest import connect, eventually
from readme import PROGRAMS

names = (f"subscriber-{number}" for number in itertools.count())

#: Pays a bonus for each account, once told so; says when it is stored. What is not acknowledged then, comes again.
BONUS = '''
import sys
import outrider
from bank import Account
from bank_pb2 import AccountOpened, ReceiveDeposit

commands, queries, name = sys.argv[1:]
connection = outrider.Connection(commands, queries)
accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
subscriber = outrider.Subscriber(name, ["bank"], connection=connection)

@subscriber.on
def pay(opened: AccountOpened, event: outrider.Event) -> None:
    stored = accounts.update(event.root, ReceiveDeposit(cents=1000), trigger=event)
    sys.stdout.write(f"{'repeated' if stored.already_handled else 'stored'} {event.root}\\n")  # in one piece
    sys.stdout.flush()
    sys.stdin.readline()

subscriber.run()
print("done", flush=True)
'''


@pytest.fixture
def accounts(connection: outrider.Connection) -> outrider.Aggregates[Account]:
    return outrider.Aggregates(Account, domain="bank", connection=connection)


@pytest.fixture
def name() -> str:
    return next(names)


def open_account(accounts: outrider.Aggregates[Account], *deposits: int) -> uuid.UUID:
    root = accounts.create(OpenAccount(owner="Ann")).root
    for cents in deposits:
        accounts.update(root, ReceiveDeposit(cents=cents))
    return root


def cents(accounts: outrider.Aggregates[Account], root: uuid.UUID) -> int:
    found = accounts.find(root)
    assert found
    return found.aggregate.state.cents


class Collected:
    """What handlers put in, for a test to wait for."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, thing: Any) -> None:
        self.queue.put(thing)

    def take(self, count: int) -> list[Any]:
        return [self.queue.get(timeout=30) for _ in range(count)]


def test_events_of_an_aggregate_come_in_order(
    accounts: outrider.Aggregates[Account], connection: outrider.Connection, name: str
) -> None:
    roots = [open_account(accounts, 1, 2, 3) for _ in range(5)]
    subscriber = outrider.Subscriber(name, ["bank"], connection=connection)
    came = Collected()

    @subscriber.on
    def take(moved: DepositReceived | CashWithdrawn, event: outrider.Event) -> None:
        if event.root in roots:
            came.put((event.root, event.sequence, moved.cents))

    subscriber.start()
    events = came.take(15)
    subscriber.stop()
    for root in roots:
        assert [each[1:] for each in events if each[0] == root] == [(1, 1), (2, 2), (3, 3)]


def test_acknowledged_events_do_not_come_again(
    accounts: outrider.Aggregates[Account], connection: outrider.Connection, name: str
) -> None:
    came = Collected()

    def consume() -> outrider.Subscriber:
        subscriber = outrider.Subscriber(name, ["bank"], connection=connection)

        @subscriber.on
        def take(opened: AccountOpened, event: outrider.Event) -> None:
            came.put(event.root)

        subscriber.start()
        return subscriber

    first = open_account(accounts)
    subscriber = consume()
    while came.take(1) != [first]:
        pass
    subscriber.stop()
    second = open_account(accounts)
    subscriber = consume()
    assert came.take(1) == [second]
    subscriber.stop()


def test_failed_handler_is_called_again_and_others_go_on(
    accounts: outrider.Aggregates[Account], connection: outrider.Connection, name: str
) -> None:
    failing, other = open_account(accounts, 1, 2), open_account(accounts)
    subscriber = outrider.Subscriber(name, ["bank"], connection=connection)
    came, tries = Collected(), Counter[int]()
    others_came = threading.Event()

    @subscriber.on
    def take(event: AccountOpened | DepositReceived, facts: outrider.Event) -> None:
        if facts.root == other:
            others_came.set()
        if facts.root == failing:
            tries[facts.sequence] += 1
            if facts.sequence == 0 and not (others_came.is_set() and tries[0] > 2):
                raise OSError("the other system is away")
            came.put(facts.sequence)

    subscriber.start()
    assert came.take(3) == [0, 1, 2]
    assert (tries[0] > 2, tries[1], tries[2]) == (True, 1, 1)
    subscriber.stop()


def test_events_of_a_commit_are_not_handled_again_for_a_later_one(
    accounts: outrider.Aggregates[Account], connection: outrider.Connection, name: str
) -> None:
    """A commit of two events: the second fails once."""
    book = accounts._book(uuid.uuid4(), None, "", "", None)
    for command in (OpenAccount(owner="Ann"), ReceiveDeposit(cents=1)):
        book.pages.add().command.Pack(command)
    root = uuid.UUID(bytes=book.cover.root.value)
    connection.handle(book, 10)
    subscriber = outrider.Subscriber(name, ["bank"], connection=connection)
    came = Collected()
    failures = iter([True])

    @subscriber.on
    def take(event: AccountOpened | DepositReceived, facts: outrider.Event) -> None:
        if facts.root == root:
            came.put(type(event))
            if isinstance(event, DepositReceived) and next(failures, False):
                raise OSError

    subscriber.start()
    assert came.take(3) == [AccountOpened, DepositReceived, DepositReceived]
    subscriber.stop()


def test_handler_without_type_and_second_handler_are_refused(connection: outrider.Connection) -> None:
    subscriber = outrider.Subscriber("never", ["bank"], connection=connection)

    @subscriber.on
    def take(event: AccountOpened, facts: outrider.Event) -> None:
        pass

    with pytest.raises(TypeError, match="has no handlers"):
        outrider.Subscriber("never", ["bank"], connection=connection).start()
    with pytest.raises(TypeError, match="two handlers of bank.AccountOpened"):
        subscriber.on(take)
    with pytest.raises(TypeError, match="annotate 'event'"):
        @subscriber.on
        def untyped(event, facts):  # type: ignore[no-untyped-def]
            pass


def test_handler_is_called_without_a_server() -> None:
    subscriber = outrider.Subscriber("never", ["bank"])
    taken: list[str] = []

    @subscriber.on
    def take(event: AccountOpened, facts: outrider.Event) -> None:
        taken.append(facts.id)

    subscriber.handle(AccountOpened(), outrider.Event("bank", uuid.UUID(int=1), 0))
    subscriber.handle(DepositReceived(), outrider.Event("bank", uuid.UUID(int=1), 1))
    assert taken == ["bank/00000000-0000-0000-0000-000000000001/0"]


def test_subscription_that_is_not_possible_ends_the_run(bank: Any) -> None:
    addresses = bank.addresses
    program = ("import outrider, sys, bank_pb2; subscriber = outrider.Subscriber('$reserved', ['bank'], "
               "connection=outrider.Connection(*sys.argv[1:]))")
    program += """
@subscriber.on
def take(opened: bank_pb2.AccountOpened, event: outrider.Event) -> None:
    pass

subscriber.run()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, addresses["command-handler"], addresses["query-handler"]],
        capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "outrider.errors.Refused: INVALID_ARGUMENT" in ended.stderr


class Bonus:
    """A process that pays bonuses."""

    def __init__(self, launch: Callable[..., "subprocess.Popen[str]"], sidecar: Any, name: str) -> None:
        program = PROGRAMS / "bonus.py"
        program.write_text(BONUS)
        self.process = launch(
            str(program), sidecar.addresses["command-handler"], sidecar.addresses["query-handler"], name)
        assert self.process.stdin and self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def line(self) -> str:
        return self.stdout.readline().strip()

    def tell(self, times: int) -> None:
        self.stdin.write("\n" * times)
        self.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def test_handler_that_was_killed_updates_once(
    start: Callable[..., Any], launch: Callable[..., Any], name: str
) -> None:
    """The update is stored, its event is not acknowledged, and the process is killed."""
    sidecar = start(logic=[sys.executable, str(PROGRAMS / "bank.py")])
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    root = open_account(accounts)
    bonus = Bonus(launch, sidecar, name)
    assert bonus.line() == f"stored {root}"
    bonus.end()
    bonus = Bonus(launch, sidecar, name)
    assert bonus.line() == f"repeated {root}"
    bonus.tell(1)
    other = open_account(accounts)
    assert bonus.line() == f"stored {other}"
    bonus.process.terminate()
    bonus.tell(1)
    assert bonus.line() == "done"
    assert bonus.process.wait(20) == 0
    third = open_account(accounts)
    bonus = Bonus(launch, sidecar, name)
    assert bonus.line() == f"stored {third}"  # the first two do not come again
    bonus.end()
    assert [cents(accounts, each) for each in (root, other, third)] == [1000] * 3
    connection.close()


def test_kills_of_handlers_and_sidecar_lose_and_repeat_nothing(
    start: Callable[..., Any], launch: Callable[..., Any], name: str
) -> None:
    sidecar = start(logic=[sys.executable, str(PROGRAMS / "bank.py")])
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    roots = [open_account(accounts) for _ in range(40)]
    paid: set[str] = set()
    for _ in range(3):
        bonus = Bonus(launch, sidecar, name)
        bonus.tell(100)
        paid.update(bonus.line().split()[1] for _ in range(10))
        bonus.end()
    connection.close()
    sidecar.kill()
    sidecar.start()
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    bonus = Bonus(launch, sidecar, name)
    bonus.tell(100)
    while len(paid) < len(roots):
        paid.add(bonus.line().split()[1])
    bonus.end()
    assert [cents(accounts, root) for root in roots] == [1000] * len(roots)
    connection.close()


def test_subscribers_of_one_name_share_the_work(
    accounts: outrider.Aggregates[Account], connection: outrider.Connection, name: str
) -> None:
    """One handles alone, another comes, one goes: no event is lost, each aggregate's come in order to each."""
    came: dict[str, list[tuple[uuid.UUID, int]]] = {"first": [], "second": []}

    def consume(who: str) -> outrider.Subscriber:
        subscriber = outrider.Subscriber(name, ["bank"], connection=connection, lanes=4)

        @subscriber.on
        def take(event: AccountOpened | DepositReceived, facts: outrider.Event) -> None:
            came[who].append((facts.root, facts.sequence))

        subscriber.start()
        return subscriber

    def handled(roots: list[uuid.UUID]) -> bool:
        return {(root, sequence) for root in roots for sequence in range(3)} <= {
            each for events in came.values() for each in events}

    roots = [open_account(accounts, 1, 2) for _ in range(8)]
    first = consume("first")
    eventually(lambda: handled(roots))
    second = consume("second")
    while not came["second"]:
        roots += [open_account(accounts, 1, 2) for _ in range(8)]
        eventually(lambda: handled(roots))
    first.stop()
    roots += [open_account(accounts, 1, 2) for _ in range(8)]
    eventually(lambda: handled(roots))
    second.stop()
    for events in came.values():
        for root in roots:
            numbers = [number for each, number in events if each == root]
            assert numbers == sorted(numbers)


def test_query_handler_that_restarts_is_found_again(start: Callable[..., Any], name: str) -> None:
    sidecar = start(logic=[sys.executable, str(PROGRAMS / "bank.py")])
    ports = [f"--port-{role}={address.split(':')[1]}" for role, address in sidecar.addresses.items()]
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    subscriber = outrider.Subscriber(name, ["bank"], connection=connection)
    came = Collected()

    @subscriber.on
    def take(opened: AccountOpened, event: outrider.Event) -> None:
        came.put(event.root)

    first = open_account(accounts)
    subscriber.start()
    assert came.take(1) == [first]
    sidecar.kill()
    start(logic=[sys.executable, str(PROGRAMS / "bank.py")], options=ports)
    second = open_account(accounts)
    while came.take(1) != [second]:
        pass
    subscriber.stop()
    connection.close()


def test_subscriber_outlives_its_token() -> None:
    shown: list[str] = []

    def subscribe(requests: Any, context: grpc.ServicerContext) -> Any:
        shown.append(str(dict(context.invocation_metadata())["authorization"]))
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token has expired")

    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler(
            "outrider.v1.Subscriptions", {"Subscribe": grpc.stream_stream_rpc_method_handler(subscribe)}),))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    # Each token has a successor but the last: one that was refused is not shown again.
    connection = outrider.Connection(address, address, token=lambda: f"token-{min(len(shown), 2)}")
    subscriber = outrider.Subscriber("late", ["bank"], connection=connection)

    @subscriber.on
    def hear(opened: AccountOpened, event: outrider.Event) -> None: ...

    with pytest.raises(outrider.Refused, match="expired"):
        subscriber.run()
    assert shown == ["Bearer token-0", "Bearer token-1", "Bearer token-2"]
    connection.close()
    server.stop(None).wait()
