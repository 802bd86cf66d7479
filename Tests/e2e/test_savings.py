"""The example of the function style: accounts with cards, and the dispatcher of transfers between them."""

import json
import os
import re
import subprocess
import sys
import uuid

import pytest
from client import TIMEOUT, Client, Status, cover, eventually, new_root, refused
from evented import evented_pb2 as evented
from listening import free_address
from rest import Rest
from savings_records import PROGRAMS, account_name, packed, record, unpacked
from sidecar import TOP, Sidecar

EXAMPLE = TOP / "examples/savings"


@pytest.fixture
def dispatcher():
    """What the dispatcher of transfers is: a program, or rules."""
    return "program"


@pytest.fixture
def config(tmp_path, dispatcher):
    """As savings.yaml says."""
    text = (EXAMPLE / "savings.yaml").read_text()
    if dispatcher == "rules":
        program = "logic:\n      command: [python3, examples/savings/python/dispatcher.py]"
        assert program in text
        text = text.replace(program, "rules: examples/savings/transfers.yaml")
    config = tmp_path / "savings.yaml"
    config.write_text(text.replace("python3", sys.executable).replace("examples/", f"{TOP}/examples/"))
    return config


@pytest.fixture
def sidecar(start, config):
    return start(config=config)


@pytest.fixture
def bank(sidecar):
    return Client(sidecar)


class Account:
    """An account that is open, with money in it."""

    def __init__(self, bank, kind, amount=0, credit=0):
        self.bank, self.kind, self.root = bank, kind, new_root()
        self.send(record("OpenAccount", owner="Ann", credit=credit))
        if amount:
            self.send(record("DepositCash", amount=amount))

    def send(self, *commands, card=""):
        return self.bank.handle(order(self.kind, self.root, *commands, card=card))

    def refuses(self, *commands, card=""):
        """What is said."""
        return refused(lambda: self.send(*commands, card=card), Status.FAILED_PRECONDITION)

    def events(self):
        query = evented.Query(domain=self.kind, root=evented.UUID(value=self.root))
        return [unpacked(page.Event) for book in self.bank.query.GetEvents(query, timeout=TIMEOUT) for page in book.pages]

    @property
    def name(self):
        return account_name(self.kind, self.root)


def order(kind, root, *commands, card=""):
    book = evented.CommandBook(cover=cover(root, kind))
    for command in commands:
        book.pages.add(entity=card).command.CopyFrom(packed(command))
    return book


def test_accounts_hold_money_and_cards(bank):
    stranger = order("savings", new_root(), record("DepositCash", amount=1))
    assert "no such account" in refused(lambda: bank.handle(stranger), Status.FAILED_PRECONDITION)
    account = Account(bank, "savings", amount=600)
    account.send(record("IssueCard", limit=300), card="card:1")
    account.send(record("IssueCard", limit=300), card="card:2")
    account.send(record("WithdrawCash", amount=200), card="card:1")
    assert "limit" in account.refuses(record("WithdrawCash", amount=200), card="card:1")
    account.send(record("WithdrawCash", amount=200), card="card:2")
    answer = account.send(record("WithdrawCash", amount=200))
    assert answer.books[0].pages[0].num == 6
    assert "balance" in account.refuses(record("WithdrawCash", amount=1))


def test_a_card_comes_and_goes(bank):
    account = Account(bank, "checking", amount=500)
    assert "no such card" in account.refuses(record("WithdrawCash", amount=1), card="card:1")
    account.send(record("IssueCard", limit=100), card="card:1")
    assert "name" in account.refuses(record("IssueCard", limit=100), card="card:1")
    account.send(record("WithdrawCash", amount=100), card="card:1")
    account.send(record("CancelCard"), card="card:1")
    assert "no such card" in account.refuses(record("WithdrawCash", amount=1), card="card:1")
    account.send(record("IssueCard", limit=100), card="card:1")
    account.send(record("WithdrawCash", amount=100), card="card:1")


def test_each_kind_of_account_has_its_rule(bank):
    credit = Account(bank, "credit", credit=300)
    credit.send(record("WithdrawCash", amount=300))
    assert "balance" in credit.refuses(record("WithdrawCash", amount=1))
    kept = Account(bank, "savings", amount=1_000_00)
    assert "too much at once" in kept.refuses(record("WithdrawCash", amount=500_01))
    kept.send(record("WithdrawCash", amount=500_00))
    with_credit = order("checking", new_root(), record("OpenAccount", owner="Ann", credit=1))
    assert "no credit" in refused(lambda: bank.handle(with_credit), Status.FAILED_PRECONDITION)


def test_commands_of_a_book_are_decided_together(bank):
    account = Account(bank, "checking")
    assert "balance" in account.refuses(record("DepositCash", amount=5), record("WithdrawCash", amount=6))
    assert len(account.events()) == 1
    account.send(record("DepositCash", amount=5), record("WithdrawCash", amount=5))
    assert len(account.events()) == 3


@pytest.mark.parametrize("command, card, why", [
    (record("DepositCash", amount=-1), "", "the amount must be positive"),
    (record("SendTransfer", payee={"kind": "savings", "root": "12"}, amount=1), "", "names no account"),
    (record("SendTransfer", payee=account_name("moon", bytes(16)), amount=1), "", "names no account"),
    (record("IssueCard", limit=1), "", "a name of its own"),
    (record("CancelCard"), "", "no such card"),
    (record("OpenAccount", owner="Bob", credit=0), "", "open already"),
    (record("Card", limit=1, spent=0), "", "Card is no command"),
], ids=lambda each: each if isinstance(each, str) else each[0])
def test_what_makes_no_sense_is_refused(bank, command, card, why):
    account = Account(bank, "checking", amount=5)
    assert why in account.refuses(command, card=card)
    assert len(account.events()) == 2


@pytest.mark.parametrize("dispatcher", ["program", "rules"])
def test_the_dispatcher_moves_money_and_brings_back_what_nobody_takes(bank):
    payer, payee = Account(bank, "checking", amount=100), Account(bank, "credit", credit=50)
    nobody = account_name("savings", new_root())
    payer.send(record("SendTransfer", payee=payee.name, amount=60), record("SendTransfer", payee=nobody, amount=40))
    assert "balance" in payer.refuses(record("WithdrawCash", amount=100))
    came = eventually(lambda: payer.events()[4:])
    assert came == [record("TransferTakenBack", amount=40, reason="there is no such account")]
    assert eventually(lambda: payee.events()[1:]) == [record("TransferReceived", payer=payer.name, amount=60)]
    payee.send(record("WithdrawCash", amount=110))
    payer.send(record("WithdrawCash", amount=40))


@pytest.mark.parametrize("dispatcher", ["program", "rules"])
def test_money_that_is_on_its_way_arrives_once_though_all_is_killed(sidecar):
    bank = Client(sidecar)
    payer, payees = Account(bank, "checking", amount=100), [Account(bank, "savings") for _ in range(10)]
    nobody = account_name("credit", new_root())
    for payee in payees:
        payer.send(record("SendTransfer", payee=payee.name, amount=7), record("SendTransfer", payee=nobody, amount=1))
    sidecar.kill()
    payer.bank = again = Client(sidecar.start())
    for payee in payees:
        payee.bank = again
    taken_back = record("TransferTakenBack", amount=1, reason="there is no such account")
    eventually(lambda: payer.events().count(taken_back) >= 10, timeout=60)
    for payee in payees:
        came = eventually(lambda payee=payee: payee.events()[1:], timeout=60)
        assert came == [record("TransferReceived", payer=payer.name, amount=7)]
    assert payer.events().count(taken_back) == 10


def test_rules_move_money_between_roles_that_are_processes_of_their_own(executable, start, config, tmp_path):
    """With one configuration for all, and the rules in it."""
    address = free_address()
    program = re.escape(f"command: [{sys.executable}, {PROGRAMS}/savings.py]")
    text = re.sub(program, f"address: {address}", config.read_text())
    text = text.replace(f"logic:\n      command: [{sys.executable}, {PROGRAMS}/dispatcher.py]",
                        f"rules: {EXAMPLE}/transfers.yaml")
    config.write_text(text)
    logic = subprocess.Popen([sys.executable, PROGRAMS / "savings.py"], env=os.environ | {
        "OUTRIDER_LOGIC_ADDRESS": address, "OUTRIDER_LOGIC_PROTOCOL": "http"})
    try:
        handler, reader = (start(config=config, role=role) for role in ["command-handler", "query-handler"])
        saga = start(config=config, role="saga",
                     options=[f"--command-handler={handler.addresses['command-handler']}"])
        bank = Client(handler)
        bank.query = Client(reader).query
        payer, payee = Account(bank, "checking", amount=100), Account(bank, "savings")
        nobody = account_name("savings", new_root())
        saga.kill()
        payer.send(record("SendTransfer", payee=payee.name, amount=60), record("SendTransfer", payee=nobody, amount=40))
        saga.start()
        assert eventually(lambda: payee.events()[1:], timeout=30) == [
            record("TransferReceived", payer=payer.name, amount=60)]
        assert eventually(lambda: payer.events()[4:], timeout=30) == [
            record("TransferTakenBack", amount=40, reason="there is no such account")]
        shown = subprocess.run([executable, "saga", "list", "--address", saga.addresses["saga"]],
                               capture_output=True, text=True, timeout=30, check=True)
        assert str(uuid.UUID(bytes=payer.root)) in shown.stdout
    finally:
        logic.kill()
        logic.wait()


def test_the_command_line_names_members(executable, sidecar):
    root = uuid.uuid4()

    def outrider(command, *arguments, role="command-handler", given=None):
        done = subprocess.run(
            [executable, command, *arguments, "--address", sidecar.addresses[role]], input=given,
            capture_output=True, text=True, timeout=30, check=True)
        return done.stdout

    outrider("send", "--root", f"savings/{root}", "--type", "savings.OpenAccount", given='{"owner": "Ann"}')
    outrider("send", "--root", f"savings/{root}", "--type", "savings.IssueCard", "--entity", "card:1",
             given='{"limit": 300}')
    shown = outrider("events", f"savings/{root}", role="query-handler").splitlines()
    assert "card:1 savings.CardIssued" in shown[-1] and "card" not in shown[-2]
    told = outrider("events", f"savings/{root}", "--json", role="query-handler").splitlines()
    assert [json.loads(line).get("entity") for line in told] == [None, "card:1"]


@pytest.mark.parametrize("protocol", [(), ("--logic-protocol", "http")], ids=["grpc", "http"])
def test_savings_run_as_the_example_says(executable, tmp_path, protocol):
    """Its folder, its command line, and commands as `curl -d` sends them."""
    logic = [sys.executable, str(PROGRAMS / "savings.py")]
    options = ["--style", "functions", "--schema", str(PROGRAMS / "savings.avsc"), *protocol]
    with Sidecar(executable, tmp_path / "data", logic=logic, domain="savings", options=options) as sidecar:
        rest = Rest(sidecar, Content_Type="application/x-www-form-urlencoded")

        def send(kind, **payload):
            return rest("POST", "/v1/domains/savings/aggregates/12345-09/commands", {"type": kind, "payload": payload})

        told = send("WithdrawCash", amount=100)
        assert (told.status, told.json["detail"]) == (409, "there is no such account")
        assert send("OpenAccount", owner="Ann").status == 200
        assert send("DepositCash", amount=300).status == 200
        event, = send("WithdrawCash", amount=100).json["events"]
        assert (event["type"], event["payload"]) == ("savings.CashWithdrawn", {"amount": 100})
        told = send("WithdrawCash", amount="much")
        assert told.status == 400 and "amount" in told.json["detail"]
