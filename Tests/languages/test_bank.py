"""The bank behind Outrider: every language does the same."""

import json
import os
import signal
import subprocess

import pytest
from account import message
from bank_pb2 import (
    AccountOpened, Balance, CashWithdrawn, DepositReceived, OpenAccount, ReceiveDeposit, WithdrawalRefused,
    WithdrawCash)
from google.protobuf.wrappers_pb2 import StringValue
from grpc import StatusCode
from sidecar import TOP


def test_commands_become_events(bank):
    account = bank.account()
    account.ask(OpenAccount(owner="Ann"))
    account.ask(ReceiveDeposit(cents=1000))
    account.ask(WithdrawCash(cents=300))
    assert account.events() == [AccountOpened(owner="Ann"), DepositReceived(cents=1000), CashWithdrawn(cents=300)]


def test_withdrawal_beyond_the_balance_is_an_event_too(bank):
    account = bank.opened()
    account.ask(ReceiveDeposit(cents=100))
    account.ask(WithdrawCash(cents=101))
    account.ask(WithdrawCash(cents=100))
    assert account.events()[2:] == [
        WithdrawalRefused(cents=101, reason="the balance is too low"), CashWithdrawn(cents=100)]


def test_each_page_of_a_command_sees_those_before_it(bank):
    account = bank.account()
    answer = account.ask(
        OpenAccount(owner="Ann"), ReceiveDeposit(cents=50), WithdrawCash(cents=60), WithdrawCash(cents=50))
    events = [
        AccountOpened(owner="Ann"), DepositReceived(cents=50),
        WithdrawalRefused(cents=60, reason="the balance is too low"), CashWithdrawn(cents=50)]
    assert [message(page.Event) for page in answer.books[0].pages] == account.events() == events


def test_one_page_that_is_refused_refuses_all(bank):
    account = bank.opened()
    assert account.refusal(ReceiveDeposit(cents=1), ReceiveDeposit(cents=-1))[0] == StatusCode.INVALID_ARGUMENT
    assert account.events() == [AccountOpened(owner="Ann")]


@pytest.mark.parametrize("order", [ReceiveDeposit(cents=1), WithdrawCash(cents=1), WithdrawCash(cents=-1)])
def test_account_that_does_not_exist_is_refused(bank, order):
    account = bank.account()
    assert account.refusal(order) == (StatusCode.FAILED_PRECONDITION, "there is no such account")
    assert account.events() == []


def test_account_is_opened_once(bank):
    refusal = StatusCode.FAILED_PRECONDITION, "the account is open already"
    assert bank.opened().refusal(OpenAccount(owner="Bob")) == refusal
    assert bank.account().refusal(OpenAccount(owner="Ann"), OpenAccount(owner="Ann")) == refusal


@pytest.mark.parametrize("kind", [ReceiveDeposit, WithdrawCash])
@pytest.mark.parametrize("cents", [0, -1, -(2**63)])
def test_amount_that_is_not_positive_is_refused(bank, kind, cents):
    refusal = StatusCode.INVALID_ARGUMENT, f"cents must be positive, not {cents}"
    assert bank.opened().refusal(kind(cents=cents)) == refusal


@pytest.mark.parametrize("order, name", [
    (StringValue(value="bread"), "google.protobuf.StringValue"), (Balance(), "bank.Balance")])
def test_command_that_is_none_of_the_banks_is_refused(bank, order, name):
    assert bank.opened().refusal(order) == (StatusCode.INVALID_ARGUMENT, f"a bank knows no {name}")


def test_balance_is_projected(bank):
    account = bank.opened(owner="Zoë")
    account.ask(*[ReceiveDeposit(cents=2**40)] * 3, WithdrawCash(cents=1), WithdrawCash(cents=2**50))
    assert account.balance() == Balance(owner="Zoë", cents=3 * 2**40 - 1, refused_withdrawals=1)


def test_synchronous_command_is_answered_with_its_projection(bank):
    account = bank.account()
    account.ask(OpenAccount(owner="Ann"))
    answer = account.ask(ReceiveDeposit(cents=7), synchronous=True)
    assert answer.books[0].pages[0].synchronous
    assert [message(each.projection) for each in answer.projections] == [Balance(owner="Ann", cents=7)]


def test_long_history_is_summed_up_by_snapshots(bank):
    account = bank.opened()
    for _ in range(3):
        account.ask(*[ReceiveDeposit(cents=1)] * 150)
    account.ask(WithdrawCash(cents=451))
    account.ask(WithdrawCash(cents=450))
    assert account.events()[-2:] == [
        WithdrawalRefused(cents=451, reason="the balance is too low"), CashWithdrawn(cents=450)]
    assert account.balance() == Balance(owner="Ann", refused_withdrawals=1)


def test_command_line_asks_the_bank(bank, executable, tmp_path):
    ports = {
        f"OUTRIDER_PORT_{role.upper().replace('-', '_')}": address.split(":")[1]
        for role, address in bank.sidecar.addresses.items()}

    def send(type, order, *options):
        return subprocess.run(
            [executable, "send", "--domain=bank", f"--type=bank.{type}", "--wait-for=balance", "--json",
             f"--descriptors={TOP}/.generated/bank.pb", *options],
            input=json.dumps(order), capture_output=True, text=True, timeout=60, cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], **ports})

    opened = send("OpenAccount", {"owner": "Ann"})
    assert opened.returncode == 0, opened.stderr
    root = json.loads(opened.stdout.splitlines()[0])["root"]
    deposited = send("ReceiveDeposit", {"cents": 1200}, f"--root={root}")
    assert '"1200"' in deposited.stdout and "bank.Balance" in deposited.stdout
    refused = send("WithdrawCash", {"cents": -5}, f"--root={root}")
    assert refused.returncode != 0
    assert "cents must be positive, not -5" in refused.stderr


def test_nothing_is_lost_when_everything_is_killed(start):
    bank = start()
    accounts = [bank.opened(), bank.opened()]
    for account in accounts:
        account.ask(ReceiveDeposit(cents=500), WithdrawCash(cents=1), WithdrawCash(cents=1000))
    before = [account.balance() for account in accounts]
    children = bank.logic_processes()
    assert children
    bank.sidecar.kill()
    for pid in children:
        os.kill(pid, signal.SIGKILL)

    again = start()
    restored = [again.account(account.root, account.position) for account in accounts]
    assert [account.balance() for account in restored] == before
    restored[0].ask(WithdrawCash(cents=499))
    assert restored[0].balance() == Balance(owner="Ann", refused_withdrawals=1)


def test_outrider_and_the_bank_end_in_time(start):
    bank = start()
    bank.opened().balance()
    children = bank.logic_processes()
    assert children
    assert bank.sidecar.stop() == 0
    bank.sidecar.reader.join(10)
    assert "is killed" not in bank.sidecar.text
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
