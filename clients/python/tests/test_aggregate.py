"""Aggregates and their scenarios, without a server."""

import bank_pb2
import outrider
import pytest
from bank import Account
from bank_pb2 import AccountOpened, CashWithdrawn, DepositReceived, OpenAccount, ReceiveDeposit, WithdrawCash
from evented.evented_pb2 import ContextualCommand
from google.protobuf.any_pb2 import Any
from outrider import Code
from outrider._payloads import pack
from outrider.aggregate import decide
from outrider.testing import aggregate

OPENED = AccountOpened(owner="Ann")


def test_commands_of_a_book_are_decided_one_after_the_other() -> None:
    aggregate(Account).when(OpenAccount(owner="Ann"), ReceiveDeposit(cents=5), WithdrawCash(cents=5)).then(
        OPENED, DepositReceived(cents=5), CashWithdrawn(cents=5))


def test_refusal_tells_code_and_message() -> None:
    opened = aggregate(Account).given(OPENED).when(OpenAccount(owner="Bob"))
    opened.then_refused(Code.FAILED_PRECONDITION, "the account is open already")
    for code, message in ((Code.NOT_FOUND, None), (Code.FAILED_PRECONDITION, "no")):
        with pytest.raises(AssertionError, match="refused with"):
            opened.then_refused(code, message)


def test_failed_scenario_shows_what_came() -> None:
    with pytest.raises(AssertionError, match=r"bank.DepositReceived \{ cents: 6 \}\n.*\n.*cents: 5"):
        aggregate(Account).given(OPENED).when(ReceiveDeposit(cents=5)).then(DepositReceived(cents=6))
    with pytest.raises(AssertionError, match="not refused, but:"):
        aggregate(Account).given(OPENED).when(ReceiveDeposit(cents=5)).then_refused(Code.FAILED_PRECONDITION)


def test_method_may_return_several_events_or_none() -> None:
    class Doubled(Account):
        @outrider.process
        def deposit(self, command: ReceiveDeposit) -> list[DepositReceived] | None:  # type: ignore[override]
            return [DepositReceived(cents=command.cents)] * 2 if command.cents else None

    opened = aggregate(Doubled).given(OPENED)
    opened.when(ReceiveDeposit(cents=0)).then()
    opened.when(ReceiveDeposit(cents=2)).then(DepositReceived(cents=2), DepositReceived(cents=2))


def test_state_may_be_attributes_of_the_class() -> None:
    class Counter(outrider.Aggregate):
        def __init__(self) -> None:
            self.count = 0

        @outrider.process
        def add(self, command: ReceiveDeposit) -> DepositReceived:
            return DepositReceived(cents=self.count)

        @outrider.apply
        def added(self, event: DepositReceived) -> None:
            self.count += 1

    aggregate(Counter).given(DepositReceived()).when(ReceiveDeposit()).then(DepositReceived(cents=1)).then_state(
        lambda counter: counter.count == 2)


def test_snapshot_stands_for_the_events_that_it_includes() -> None:
    given = ContextualCommand()
    given.command.pages.add(command=pack(WithdrawCash(cents=1)))
    for number in range(100):
        given.events.pages.add(num=number, Event=pack(DepositReceived(cents=1) if number else OPENED))
    answer = decide(Account, given)
    assert answer.snapshot.sequence == 100
    state = bank_pb2.Account()
    assert answer.snapshot.state.Unpack(state)
    assert state == bank_pb2.Account(open=True, owner="Ann", cents=98)

    del given.events.pages[:]
    given.events.snapshot.CopyFrom(answer.snapshot)
    given.events.pages.add(num=101, Event=pack(CashWithdrawn(cents=90)))
    given.command.pages[0].command.CopyFrom(pack(WithdrawCash(cents=8)))
    assert not decide(Account, given).HasField("snapshot")
    given.command.pages[0].command.CopyFrom(pack(WithdrawCash(cents=9)))
    with pytest.raises(outrider.Refused, match="the balance is too low"):
        decide(Account, given)


def test_stored_state_of_another_type_is_a_mistake() -> None:
    given = ContextualCommand()
    given.events.snapshot.state.CopyFrom(pack(bank_pb2.Balance()))
    with pytest.raises(TypeError, match="the stored state is a bank.Balance, and the class declares bank.Account"):
        decide(Account, given)


@pytest.mark.parametrize("command", [pack(DepositReceived()), Any(type_url="x/no.such.Type")])
def test_unknown_command_is_refused(command: Any) -> None:
    given = ContextualCommand()
    given.command.pages.add(command=command)
    with pytest.raises(outrider.Refused) as refusal:
        decide(Account, given)
    assert refusal.value.code is Code.INVALID_ARGUMENT


def test_event_that_nobody_applies_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="Account has no method that applies bank.WithdrawalRefused"):
        aggregate(Account).given(bank_pb2.WithdrawalRefused()).when(WithdrawCash()).then()


def test_class_that_cannot_work_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="annotate 'command'"):
        class Untyped(outrider.Aggregate):
            @outrider.process
            def untyped(self, command) -> None:  # type: ignore[no-untyped-def]
                pass

    with pytest.raises(TypeError, match="two methods"):
        class Ambiguous(outrider.Aggregate):
            @outrider.apply
            def one(self, event: DepositReceived) -> None:
                pass

            @outrider.apply
            def other(self, event: DepositReceived | CashWithdrawn) -> None:
                pass

    with pytest.raises(TypeError, match="declares no `state`"):
        class Stateless(outrider.Aggregate):
            snapshot_every = 10

    with pytest.raises(TypeError, match="annotate `state`"):
        class Formless(outrider.Projector):
            pass
