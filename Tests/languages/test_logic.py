"""The bank's logic by itself: what can only be seen without Outrider."""

import signal

import grpc
import pytest
from account import message
from alone import book
from bank_pb2 import (
    Account, AccountOpened, Balance, CashWithdrawn, DepositReceived, OpenAccount, WithdrawalRefused, WithdrawCash)
from evented import evented_pb2 as evented
from google.protobuf.wrappers_pb2 import StringValue

OPENED = AccountOpened(owner="Ann")
CENT = DepositReceived(cents=1)


def snapshot(sequence, account):
    snapshot = evented.Snapshot(sequence=sequence)
    snapshot.state.Pack(account)
    return snapshot


def test_history_of_a_hundred_events_brings_a_snapshot(logic):
    answer = logic.decide(book(OPENED, *[CENT] * 99), WithdrawCash(cents=40), WithdrawCash(cents=1))
    assert answer.snapshot.sequence == 101
    assert message(answer.snapshot.state) == Account(open=True, owner="Ann", cents=58)


def test_shorter_history_brings_none(logic):
    assert not logic.decide(book(OPENED, *[CENT] * 98), WithdrawCash(cents=1)).HasField("snapshot")


def test_history_begins_with_a_snapshot(logic):
    state = snapshot(100, Account(open=True, owner="Ann", cents=60))
    answer = logic.decide(book(CENT, snapshot=state), WithdrawCash(cents=62), WithdrawCash(cents=61))
    assert [message(page.Event) for page in answer.pages] == [
        WithdrawalRefused(cents=62, reason="the balance is too low"), CashWithdrawn(cents=61)]
    assert not answer.HasField("snapshot")


def test_snapshot_follows_a_snapshot(logic):
    state = snapshot(100, Account(open=True, owner="Ann", cents=60))
    answer = logic.decide(book(*[CENT] * 100, snapshot=state), WithdrawCash(cents=60))
    assert answer.snapshot.sequence == 201
    assert message(answer.snapshot.state) == Account(open=True, owner="Ann", cents=100)


@pytest.mark.parametrize("event, name", [
    (StringValue(value="bread"), "google.protobuf.StringValue"), (OpenAccount(owner="Ann"), "bank.OpenAccount")])
def test_event_that_is_none_of_the_banks_is_refused(logic, event, name):
    with pytest.raises(grpc.RpcError) as failure:
        logic.decide(book(OPENED, event), WithdrawCash(cents=1))
    assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert failure.value.details() == f"a bank knows no {name}"


def test_projection_goes_on_from_the_last_one_and_skips_what_is_not_the_banks(logic):
    last = evented.Projection()
    last.projection.Pack(Balance(owner="Ann", cents=10, refused_withdrawals=2))
    answer = logic.project(book(
        CENT, StringValue(value="bread"), CashWithdrawn(cents=4), WithdrawalRefused(cents=9), projection=last))
    assert message(answer.projection) == Balance(owner="Ann", cents=7, refused_withdrawals=3)


def test_logic_ends_when_it_is_asked_to(alone):
    logic = alone()
    logic.decide(book(), OpenAccount(owner="Ann"))
    assert logic.terminate() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def test_logic_listens_on_unix_sockets(alone, tmp_path, program):
    logic = alone(address=f"unix:{tmp_path}/logic", projector_address=f"unix:{tmp_path}/projector")
    if program.parent.name == "java":  # its native library for them is not in Debian
        assert "OUTRIDER_LOGIC_ADDRESS is not host:port" in logic.output
        return
    assert message(logic.decide(book(), OpenAccount(owner="Ann")).pages[0].Event) == OPENED
    assert message(logic.project(book(OPENED)).projection) == Balance(owner="Ann")
