"""Create, update and find, on a sidecar with the bank of README.md."""

import itertools
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import outrider
import pytest
from bank import Account
from bank_pb2 import AccountOpened, Balance, DepositReceived, OpenAccount, ReceiveDeposit, WithdrawCash
from conftest import connect
from evented.evented_pb2 import UUID, Query
from listening import free_address
from outrider import Code
from readme import PROGRAMS


@pytest.fixture
def accounts(connection: outrider.Connection) -> outrider.Aggregates[Account]:
    return outrider.Aggregates(Account, domain="bank", connection=connection)


@pytest.fixture
def ann(accounts: outrider.Aggregates[Account]) -> uuid.UUID:
    return accounts.create(OpenAccount(owner="Ann")).root


def found(accounts: outrider.Aggregates[Account], root: uuid.UUID) -> outrider.Found[Account]:
    answer = accounts.find(root)
    assert answer is not None
    return answer


def test_what_is_stored_is_found(accounts: outrider.Aggregates[Account]) -> None:
    created = accounts.create(OpenAccount(owner="Ann"), headers={"user": "teller"})
    assert created.events == (AccountOpened(owner="Ann"),)
    assert created.next_sequence == 1
    updated = accounts.update(created.root, ReceiveDeposit(cents=500), expected=1)
    assert updated.events == (DepositReceived(cents=500),)
    assert updated.position and created.position and updated.position > created.position
    ann = found(accounts, created.root)
    assert (ann.aggregate.state.owner, ann.aggregate.state.cents, ann.next_sequence) == ("Ann", 500, 2)
    assert accounts.find(uuid.uuid4()) is None


def test_refusal_of_the_logic_comes_through(accounts: outrider.Aggregates[Account], ann: uuid.UUID) -> None:
    for expected in (None, 1):
        with pytest.raises(outrider.Refused, match="the balance is too low") as refusal:
            accounts.update(ann, WithdrawCash(cents=1), expected=expected)
        assert refusal.value.code is Code.FAILED_PRECONDITION
        assert not isinstance(refusal.value, outrider.Conflict)
    with pytest.raises(outrider.Refused) as refusal:
        accounts.update(ann, Balance())
    assert refusal.value.code is Code.INVALID_ARGUMENT


def test_conflicts_are_told_from_refusals(accounts: outrider.Aggregates[Account], ann: uuid.UUID) -> None:
    for expected in (0, 2, 7):
        with pytest.raises(outrider.Conflict):
            accounts.update(ann, ReceiveDeposit(cents=1), expected=expected)
    with pytest.raises(outrider.Conflict):
        accounts.create(OpenAccount(owner="Bob"), root=ann)


def test_writers_decide_again_when_another_was_faster(
    accounts: outrider.Aggregates[Account], ann: uuid.UUID
) -> None:
    """Each deposit is one cent more than the balance: whoever decided on an old one would break the sum."""
    decisions, writers, times = [], 4, 5

    def double(account: Account) -> ReceiveDeposit:
        decisions.append(account.state.cents)
        return ReceiveDeposit(cents=account.state.cents + 1)

    def write() -> None:
        for _ in range(times):
            accounts.update(ann, double)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found(accounts, ann).aggregate.state.cents == 2 ** (writers * times) - 1
    assert len(decisions) > writers * times, "nobody was ever in another's way"


def test_function_may_want_nothing(accounts: outrider.Aggregates[Account], ann: uuid.UUID) -> None:
    stored = accounts.update(ann, lambda account: None)
    assert (stored.events, stored.next_sequence) == ((), None)
    with pytest.raises(TypeError):
        accounts.update(ann, lambda account: None, expected=1)


def test_command_of_a_known_id_happens_once(accounts: outrider.Aggregates[Account], ann: uuid.UUID) -> None:
    first = accounts.update(ann, ReceiveDeposit(cents=5), command_id="once")
    again = accounts.update(ann, ReceiveDeposit(cents=5), command_id="once", expected=1)
    assert (first.already_handled, again.already_handled) == (False, True)
    assert again.events == first.events
    assert found(accounts, ann).aggregate.state.cents == 5


def test_trigger_updates_and_creates_once(accounts: outrider.Aggregates[Account], ann: uuid.UUID) -> None:
    def deliver() -> tuple[outrider.Stored, outrider.Stored]:
        trigger = outrider.Event("orders", uuid.UUID(int=ann.int), 3, correlation="c", subscription="bonus")
        created = accounts.create(OpenAccount(owner="Bob"), trigger=trigger, step="create")
        updated = accounts.update(ann, ReceiveDeposit(cents=5), trigger=trigger)
        with pytest.raises(ValueError, match="name a `step`"):
            accounts.update(ann, ReceiveDeposit(cents=5), trigger=trigger)
        accounts.update(ann, ReceiveDeposit(cents=7), trigger=trigger, step="more")
        return created, updated

    first, again = deliver(), deliver()
    assert [each.root for each in first] == [each.root for each in again]
    assert all(each.already_handled for each in again)
    assert found(accounts, ann).aggregate.state.cents == 12
    assert found(accounts, first[0].root).next_sequence == 1
    query = Query(domain="bank", root=UUID(value=ann.bytes), lowerBound=1)
    book = accounts.connection.events(query, 5)[0]
    assert (book.cause.cover.domain, book.cause.sequence, book.cause.depth, book.correlation) == ("orders", 3, 1, "c")


def test_snapshots_change_nothing_for_those_who_find(
    accounts: outrider.Aggregates[Account], ann: uuid.UUID
) -> None:
    for _ in range(110):
        accounts.update(ann, ReceiveDeposit(cents=1))
    assert found(accounts, ann).aggregate.state.cents == 110
    accounts.update(ann, WithdrawCash(cents=110))


def test_projection_includes_what_was_written(
    accounts: outrider.Aggregates[Account], ann: uuid.UUID, connection: outrider.Connection
) -> None:
    balances = outrider.Projections(Balance, projector="balance", domain="bank", connection=connection)
    for cents in range(1, 10):
        stored = accounts.update(ann, ReceiveDeposit(cents=1))
        assert balances.find(ann, at_least=stored.position) == Balance(owner="Ann", cents=cents)
    assert balances.find(uuid.uuid4()) is None


def test_sidecar_that_is_away_is_waited_for(start: Callable[..., Any]) -> None:
    """The command is sent while nobody listens, and stored when the sidecar is back."""
    program = [sys.executable, str(PROGRAMS / "bank.py")]
    commands, queries = free_address(), free_address()
    ports = [f"--port-command-handler={commands.split(':')[1]}", f"--port-query-handler={queries.split(':')[1]}"]
    connection = outrider.Connection(commands, queries)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    with pytest.raises(outrider.Unavailable, match="UNAVAILABLE") as failure:
        accounts.create(OpenAccount(owner="Ann"), timeout=0.2)
    assert failure.value.command_id
    stored: list[outrider.Stored] = []
    writer = threading.Thread(target=lambda: stored.append(accounts.create(OpenAccount(owner="Ann"))))
    writer.start()
    start(logic=program, options=ports)
    writer.join(30)
    assert stored[0].next_sequence == 1
    connection.close()


def test_token_goes_with_each_call() -> None:
    tokens = []

    def refuse(request: bytes, context: grpc.ServicerContext) -> bytes:
        tokens.append(dict(context.invocation_metadata()).get("authorization"))
        context.abort(Code.PERMISSION_DENIED, "not you")
        raise AssertionError

    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler(
            "evented.BusinessCoordinator", {"Handle": grpc.unary_unary_rpc_method_handler(refuse)}),))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    numbers = itertools.count()
    connection = outrider.Connection(address, address, token=lambda: f"token-{next(numbers)}")
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    for _ in range(2):
        with pytest.raises(outrider.Refused, match="not you"):
            accounts.create(OpenAccount(owner="Ann"))
    assert tokens == ["Bearer token-0", "Bearer token-1"]
    connection.close()
    server.stop(None).wait()


def test_logic_that_fails_answers_internal(start: Callable[..., Any]) -> None:
    class Broken(outrider.Aggregate):
        @outrider.process
        def fail(self, command: OpenAccount) -> None:
            raise ZeroDivisionError("by nothing")

    server = outrider.Server(Broken, address="127.0.0.1:0")
    connection = connect(start(address=server.address, options=["--projector-enabled=false"]))
    with pytest.raises(outrider.Refused, match="Broken: ZeroDivisionError: by nothing") as refusal:
        outrider.Aggregates(Broken, domain="bank", connection=connection).create(OpenAccount())
    assert refusal.value.code is Code.INTERNAL
    connection.close()
    server.stop()


def test_call_under_way_ends_before_the_server_does(
    tmp_path: Path, start: Callable[..., Any], launch: Callable[..., Any]
) -> None:
    program = tmp_path / "slow.py"
    program.write_text('''
import sys, outrider
from bank_pb2 import AccountOpened, OpenAccount

class Slow(outrider.Aggregate):
    @outrider.process
    def open(self, command: OpenAccount) -> AccountOpened:
        print("deciding", flush=True)
        sys.stdin.readline()
        return AccountOpened(owner=command.owner)

    @outrider.apply
    def opened(self, event: AccountOpened) -> None:
        pass

outrider.serve(Slow)
''')
    address = free_address()
    process = launch(str(program), env={"OUTRIDER_LOGIC_ADDRESS": address})
    connection = connect(start(address=address, options=["--projector-enabled=false"]))
    stored: list[outrider.Stored] = []
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    writer = threading.Thread(target=lambda: stored.append(accounts.create(OpenAccount(owner="Ann"))))
    writer.start()
    assert process.stdout.readline() == "deciding\n"
    process.terminate()
    process.stdin.write("\n")
    process.stdin.flush()
    writer.join(20)
    assert process.wait(20) == 0
    assert stored[0].events == (AccountOpened(owner="Ann"),)
    connection.close()
