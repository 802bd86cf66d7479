"""What every story tells: commands go in, events come out, all can be read back."""

import sys

import bank_pb2 as bank
import grpc
from messages import text, unpack


def title(line):
    print(f"\n{line}", flush=True)


def commands_and_events(clients, root):
    title("Commands go in, events come out")
    for command in (
        bank.OpenAccount(owner="Alice"),
        bank.ReceiveDeposit(cents=100_00),
        bank.WithdrawCash(cents=30_00),
        bank.WithdrawCash(cents=500_00),
    ):
        show(command, clients.send(root, command))
    for command in (bank.OpenAccount(owner="Alice"), bank.ReceiveDeposit(cents=-5)):
        show_refusal(clients, root, command)


def read_back(clients, root):
    title("Events and balance are read back")
    pages = clients.events(root)
    for page in pages:
        print(f"  {page.num}  {text(unpack(page.Event))}")
    balance = clients.balance(root, at_least=len(pages) - 1)
    print(f"  balance: {text(balance)}")


def send_again(clients):
    """Sends each command that has no answer once more. Returns how many those were."""
    pending = list(clients.ledger.pending.items())
    stored = sum(clients.send(*what, key).already_handled for key, what in pending)
    print(f"  {len(pending)} commands sent again with the same command_id: {stored} had been stored")
    return len(pending)


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
