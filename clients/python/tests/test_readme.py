"""The programs of README.md run as they stand there, on a sidecar."""

import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import outrider
from bank import Account
from bank_pb2 import OpenAccount, ReceiveDeposit
from conftest import connect, eventually
from google.protobuf.message import Message
from listening import free_address
from readme import PROGRAMS, TOP
from transfer_pb2 import StartTransfer, TransferCompleted, TransferFailed

CONFIGURATION = """
domains:
  - name: bank
    logic:
      command: [{python}, {programs}/bank.py]
  - name: transfer
    logic:
      command: [{python}, {top}/examples/transfer/python/transfer.py]
sagas:
  - name: transfer
    domains: [transfer]
    logic:
      address: {saga}
      command: [{python}, {programs}/transfers.py]
"""


class Transfer(outrider.Aggregate):
    """Only sent to."""


def copied(program: str, directory: Path, sidecar: Any) -> str:
    """The program's name in that directory, where it has this sidecar's addresses."""
    text = (PROGRAMS / program).read_text()
    for role, address in (("command-handler", "127.0.0.1:1313"), ("query-handler", "127.0.0.1:1314")):
        assert address in text
        text = text.replace(address, sidecar.addresses[role])
    (directory / program).write_text(text)
    (directory / "bank.py").write_text((PROGRAMS / "bank.py").read_text())
    return program


def test_scenarios_hold() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(PROGRAMS / "test_bank.py")],
        capture_output=True, text=True, timeout=60, cwd=PROGRAMS)
    assert ran.returncode == 0, ran.stdout
    assert "5 passed" in ran.stdout


def test_client_does_what_it_says(bank: Any, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, copied("client.py", tmp_path, bank)], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "250 cents after 3 events", "refused: the balance is too low", 'owner: "Ann"', "cents: 250", ""]


def test_handlers_pay_the_bonus_and_keep_the_statement(
    bank: Any, connection: outrider.Connection, launch: Callable[..., Any], tmp_path: Path
) -> None:
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    ann = accounts.create(OpenAccount(owner="Ann")).root
    accounts.update(ann, ReceiveDeposit(cents=5))
    handlers = launch(copied("handlers.py", tmp_path, bank), cwd=tmp_path)
    while f"bank/{ann}/0" not in handlers.stdout.readline():
        assert handlers.poll() is None

    def statement() -> list[tuple[int, int]]:
        query = "SELECT sequence, cents FROM entries WHERE account = ? ORDER BY sequence"
        try:
            return sqlite3.connect(tmp_path / "statements.db").execute(query, (str(ann),)).fetchall()
        except sqlite3.OperationalError:  # the table is not there yet
            return []

    # The bonus is on the statement once its event has come.
    eventually(lambda: statement() == [(1, 5), (2, 1000)])
    handlers.send_signal(signal.SIGTERM)
    assert handlers.wait(30) == 0


def test_transfers_move_money(start: Callable[..., Any], tmp_path: Path) -> None:
    configuration = tmp_path / "outrider.yaml"
    configuration.write_text(CONFIGURATION.format(
        python=sys.executable, programs=PROGRAMS, top=TOP, saga=free_address()))
    sidecar = start(config=configuration)
    connection = connect(sidecar)
    accounts = outrider.Aggregates(Account, domain="bank", connection=connection)
    transfers = outrider.Aggregates(Transfer, domain="transfer", connection=connection)
    ann, bob = (accounts.create(OpenAccount(owner=owner)).root for owner in ("Ann", "Bob"))
    accounts.update(ann, ReceiveDeposit(cents=100))

    def transfer(payee: uuid.UUID, cents: int) -> uuid.UUID:
        return transfers.create(StartTransfer(payer=ann.bytes, payee=payee.bytes, cents=cents)).root

    ends = {
        transfer(bob, 60): TransferCompleted(), transfer(uuid.uuid4(), 30): TransferFailed(
            reason="there is no such account"), transfer(bob, 500): TransferFailed(reason="the balance is too low")}
    ended: dict[uuid.UUID, Message] = {}
    watcher = outrider.Subscriber("ends", ["transfer"], connection=connection)

    @watcher.on
    def take(end: TransferCompleted | TransferFailed, event: outrider.Event) -> None:
        ended[event.root] = end

    watcher.start()
    eventually(lambda: len(ended) == len(ends))
    watcher.stop()
    assert ended == ends
    found = [accounts.find(root) for root in (ann, bob)]
    assert [each and each.aggregate.state.cents for each in found] == [40, 60]
    connection.close()
