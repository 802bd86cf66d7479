"""The example of the function style: accounts with cards, and the dispatcher of transfers between them."""

import json
import subprocess
import sys
import uuid

import pytest
import savings_pb2 as savings
from client import TIMEOUT, Client, Status, cover, eventually, new_root, refused
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from sidecar import TOP, Sidecar

EXAMPLE = TOP / "examples/savings"
SAVINGS = [sys.executable, str(EXAMPLE / "python/savings.py")]


@pytest.fixture
def sidecar(start, tmp_path):
    """As savings.yaml says."""
    config = tmp_path / "savings.yaml"
    text = (EXAMPLE / "savings.yaml").read_text()
    config.write_text(text.replace("python3", sys.executable).replace("examples/", f"{TOP}/examples/")
                      .replace(".generated", f"{TOP}/.generated"))
    return start(config=config)


@pytest.fixture
def bank(sidecar):
    return Client(sidecar)


class Account:
    """An account that is open, with money in it."""

    def __init__(self, bank, kind, cents=0, credit=0):
        self.bank, self.kind, self.root = bank, kind, new_root()
        self.send(savings.OpenAccount(owner="Ann", credit_cents=credit))
        if cents:
            self.send(savings.DepositCash(cents=cents))

    def send(self, *commands, card=""):
        return self.bank.handle(order(self.kind, self.root, *commands, card=card))

    def refuses(self, *commands, card=""):
        """What is said."""
        return refused(lambda: self.send(*commands, card=card), Status.FAILED_PRECONDITION)

    def events(self):
        query = evented.Query(domain=self.kind, root=evented.UUID(value=self.root))
        return [unpack(page.Event) for book in self.bank.query.GetEvents(query, timeout=TIMEOUT) for page in book.pages]

    @property
    def name(self):
        return savings.AccountName(kind=self.kind, root=self.root)


def order(kind, root, *commands, card=""):
    book = evented.CommandBook(cover=cover(root, kind))
    for command in commands:
        book.pages.add(entity=card).command.Pack(command)
    return book


def unpack(packed):
    event = getattr(savings, packed.TypeName().removeprefix("savings."))()
    assert packed.Unpack(event)
    return event


def test_accounts_hold_money_and_cards(bank):
    stranger = order("savings", new_root(), savings.DepositCash(cents=1))
    assert "no such account" in refused(lambda: bank.handle(stranger), Status.FAILED_PRECONDITION)
    account = Account(bank, "savings", cents=600)
    account.send(savings.IssueCard(limit_cents=300), card="card:1")
    account.send(savings.IssueCard(limit_cents=300), card="card:2")
    account.send(savings.WithdrawCash(cents=200), card="card:1")
    assert "limit" in account.refuses(savings.WithdrawCash(cents=200), card="card:1")
    account.send(savings.WithdrawCash(cents=200), card="card:2")
    answer = account.send(savings.WithdrawCash(cents=200))
    assert answer.books[0].pages[0].num == 6
    assert "balance" in account.refuses(savings.WithdrawCash(cents=1))


def test_a_card_comes_and_goes(bank):
    account = Account(bank, "checking", cents=500)
    assert "no such card" in account.refuses(savings.WithdrawCash(cents=1), card="card:1")
    account.send(savings.IssueCard(limit_cents=100), card="card:1")
    assert "name" in account.refuses(savings.IssueCard(limit_cents=100), card="card:1")
    account.send(savings.WithdrawCash(cents=100), card="card:1")
    account.send(savings.CancelCard(), card="card:1")
    assert "no such card" in account.refuses(savings.WithdrawCash(cents=1), card="card:1")
    account.send(savings.IssueCard(limit_cents=100), card="card:1")
    account.send(savings.WithdrawCash(cents=100), card="card:1")


def test_each_kind_of_account_has_its_rule(bank):
    credit = Account(bank, "credit", credit=300)
    credit.send(savings.WithdrawCash(cents=300))
    assert "balance" in credit.refuses(savings.WithdrawCash(cents=1))
    kept = Account(bank, "savings", cents=1_000_00)
    assert "too much at once" in kept.refuses(savings.WithdrawCash(cents=500_01))
    kept.send(savings.WithdrawCash(cents=500_00))
    with_credit = order("checking", new_root(), savings.OpenAccount(owner="Ann", credit_cents=1))
    assert "no credit" in refused(lambda: bank.handle(with_credit), Status.FAILED_PRECONDITION)


def test_commands_of_a_book_are_decided_together(bank):
    account = Account(bank, "checking")
    assert "balance" in account.refuses(savings.DepositCash(cents=5), savings.WithdrawCash(cents=6))
    assert len(account.events()) == 1
    account.send(savings.DepositCash(cents=5), savings.WithdrawCash(cents=5))
    assert len(account.events()) == 3


@pytest.mark.parametrize("command, card, why", [
    (savings.DepositCash(cents=-1), "", "cents must be positive"),
    (savings.SendTransfer(cents=1), "", "names no account"),
    (savings.SendTransfer(payee=savings.AccountName(kind="moon", root=bytes(16)), cents=1), "", "names no account"),
    (savings.IssueCard(limit_cents=1), "", "a name of its own"),
    (savings.CancelCard(), "", "no such card"),
    (savings.OpenAccount(owner="Bob"), "", "open already"),
    (wrappers_pb2.StringValue(value="x"), "", "no google.protobuf.StringValue in savings"),
], ids=lambda each: each if isinstance(each, str) else type(each).__name__)
def test_what_makes_no_sense_is_refused(bank, command, card, why):
    account = Account(bank, "checking", cents=5)
    assert why in account.refuses(command, card=card)
    assert len(account.events()) == 2


def test_the_dispatcher_moves_money_and_brings_back_what_nobody_takes(bank):
    payer, payee = Account(bank, "checking", cents=100), Account(bank, "credit", credit=50)
    nobody = savings.AccountName(kind="savings", root=new_root())
    payer.send(savings.SendTransfer(payee=payee.name, cents=60), savings.SendTransfer(payee=nobody, cents=40))
    assert "balance" in payer.refuses(savings.WithdrawCash(cents=100))
    came = eventually(lambda: payer.events()[4:])
    assert came == [savings.TransferTakenBack(cents=40, reason="there is no such account")]
    assert eventually(lambda: payee.events()[1:]) == [savings.TransferReceived(payer=payer.name, cents=60)]
    payee.send(savings.WithdrawCash(cents=110))
    payer.send(savings.WithdrawCash(cents=40))


def test_the_command_line_names_members(executable, sidecar):
    root = uuid.uuid4()

    def outrider(command, *arguments, role="command-handler", given=None):
        done = subprocess.run(
            [executable, command, *arguments, "--address", sidecar.addresses[role]], input=given,
            capture_output=True, text=True, timeout=30, check=True)
        return done.stdout

    outrider("send", "--root", f"savings/{root}", "--type", "savings.OpenAccount", given='{"owner": "Ann"}')
    outrider("send", "--root", f"savings/{root}", "--type", "savings.IssueCard", "--entity", "card:1",
             given='{"limitCents": 300}')
    shown = outrider("events", f"savings/{root}", role="query-handler").splitlines()
    assert "card:1 savings.CardIssued" in shown[-1] and "card" not in shown[-2]
    told = outrider("events", f"savings/{root}", "--json", role="query-handler").splitlines()
    assert [json.loads(line).get("entity") for line in told] == [None, "card:1"]


def test_savings_run_as_the_example_says(executable, tmp_path):
    """`--style functions` in two words, before the logic's command."""
    with Sidecar(executable, tmp_path / "data", logic=SAVINGS, domain="savings",
                 options=["--style", "functions"]) as sidecar:
        Account(Client(sidecar), "savings", cents=1)
