"""A bank: decides what a command does to an account.

Outrider hands over the account's past and a command; the answer is what happened. Nothing is
stored here. Try it:  outrider run -- python3 examples/bank/python/bank.py
"""

import os
from concurrent import futures

import bank_pb2 as bank
import grpc
import projector
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services

SNAPSHOT_EVERY = 100  # events


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


# What each command does: the account's state and the command in, an event out.


def open_account(account, command):
    if account.open:
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "the account is open already")
    return bank.AccountOpened(owner=command.owner)


def receive_deposit(account, command):
    require_open(account)
    require_positive(command.cents)
    return bank.DepositReceived(cents=command.cents)


def withdraw_cash(account, command):
    require_open(account)
    require_positive(command.cents)
    if command.cents > account.cents:
        return bank.WithdrawalRefused(cents=command.cents, reason="the balance is too low")
    return bank.CashWithdrawn(cents=command.cents)


def require_open(account):
    if not account.open:
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "there is no such account")


def require_positive(cents):
    if cents <= 0:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"cents must be positive, not {cents}")


COMMANDS = {
    bank.OpenAccount: open_account,
    bank.ReceiveDeposit: receive_deposit,
    bank.WithdrawCash: withdraw_cash,
}

EVENTS = (bank.AccountOpened, bank.DepositReceived, bank.CashWithdrawn, bank.WithdrawalRefused)


def apply(account, event):
    """What each event does to the account's state."""
    match event:
        case bank.AccountOpened():
            account.open, account.owner = True, event.owner
        case bank.DepositReceived():
            account.cents += event.cents
        case bank.CashWithdrawn():
            account.cents -= event.cents


def unpack(packed, types):
    """The message inside a google.protobuf.Any."""
    for message in (kind() for kind in types):
        if packed.Unpack(message):
            return message
    raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"a bank knows no {packed.TypeName()}")


class Bank(services.BusinessLogicServicer):
    def Handle(self, request, context):
        try:
            return handle(request.events, request.command)
        except Refused as refusal:
            context.abort(refusal.status, str(refusal))


def handle(past, command):
    account, seen = bank.Account(), 0  # the state, and how many events it includes
    if past.HasField("snapshot"):
        past.snapshot.state.Unpack(account)
        seen = past.snapshot.sequence + 1
    for page in past.pages:
        apply(account, unpack(page.Event, EVENTS))
        seen += 1

    answer = evented.EventBook(cover=command.cover)
    for page in command.pages:
        order = unpack(page.command, COMMANDS)
        event = COMMANDS[type(order)](account, order)
        apply(account, event)
        answer.pages.add(synchronous=page.synchronous).Event.Pack(event)

    if len(past.pages) >= SNAPSHOT_EVERY:
        answer.snapshot.sequence = seen + len(answer.pages) - 1  # the last event it includes
        answer.snapshot.state.Pack(account)
    return answer


def main():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_BusinessLogicServicer_to_server(Bank(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"))
    server.start()
    balances = projector.start()  # runs for as long as a name refers to it
    print("the bank is open", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
