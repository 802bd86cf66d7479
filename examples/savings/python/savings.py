"""Checking, savings and credit accounts as two functions: one decides, one folds. Outrider keeps the state.

An account has a kind, its domain, and may have cards, its members. Try it:
  outrider run --domain savings --style functions -- python3 examples/savings/python/savings.py
"""

import os
from concurrent import futures

import grpc
import savings_pb2 as savings
from outrider.v1 import entity_pb2 as entity
from outrider.v1 import entity_pb2_grpc as services

KINDS = "checking", "savings", "credit"
SAVINGS_MAX = 500_00  # cents, that may leave a savings account at once


class Refused(Exception):
    pass


def handle(kind, account, cards, name, command):
    """What a command leads to: an event, or a refusal. `name` is that of the card that is meant, if one is."""
    if not account.owner and not isinstance(command, savings.OpenAccount):
        raise Refused("there is no such account")
    if getattr(command, "cents", 1) <= 0:
        raise Refused("cents must be positive")
    match command:
        case savings.OpenAccount():
            if account.owner:
                raise Refused("the account is open already")
            if command.credit_cents and kind != "credit":
                raise Refused(f"a {kind} account gives no credit")
            return savings.AccountOpened(owner=command.owner, credit_cents=command.credit_cents)
        case savings.IssueCard():
            if not name or name in cards:
                raise Refused("a new card needs a name of its own")
            return savings.CardIssued(limit_cents=command.limit_cents)
        case savings.CancelCard():
            card_of(cards, name)
            return savings.CardCancelled()
        case savings.DepositCash():
            return savings.CashDeposited(cents=command.cents)
        case savings.WithdrawCash():
            spend(kind, account, command.cents)
            if name:
                card = card_of(cards, name)
                if card.spent_cents + command.cents > card.limit_cents:
                    raise Refused("the card's limit is reached")
            return savings.CashWithdrawn(cents=command.cents)
        case savings.SendTransfer():
            if command.payee.kind not in KINDS or len(command.payee.root) != 16:
                raise Refused("that names no account")
            spend(kind, account, command.cents)
            return savings.TransferSent(payee=command.payee, cents=command.cents)
        case savings.ReceiveTransfer():
            return savings.TransferReceived(payer=command.payer, cents=command.cents)
        case savings.TakeTransferBack():
            return savings.TransferTakenBack(cents=command.cents, reason=command.reason)


def spend(kind, account, cents):
    """Refuses what an account of the kind does not give."""
    if cents > account.cents + account.credit_cents:
        raise Refused("the balance is too low")
    if kind == "savings" and cents > SAVINGS_MAX:
        raise Refused("that is too much at once for a savings account")


def card_of(cards, name):
    if name not in cards:
        raise Refused("there is no such card")
    return cards[name]


def apply(account, cards, name, event):
    """What an event does to the states of the account and its cards."""
    match event:
        case savings.AccountOpened():
            account.owner, account.credit_cents = event.owner, event.credit_cents
        case savings.CardIssued():
            cards[name] = savings.Card(limit_cents=event.limit_cents)
        case savings.CardCancelled():
            del cards[name]
        case savings.CashDeposited() | savings.TransferReceived() | savings.TransferTakenBack():
            account.cents += event.cents
        case savings.CashWithdrawn() | savings.TransferSent():
            account.cents -= event.cents
            if name:
                cards[name].spent_cents += event.cents


# The rest is the same for every kind of aggregate.


def unpack(packed):
    """The message inside a google.protobuf.Any."""
    package, _, name = packed.TypeName().rpartition(".")
    kind = getattr(savings, name, None) if package == "savings" else None
    if kind is None:
        raise Refused(f"there is no {packed.TypeName()} in savings")
    message = kind()
    packed.Unpack(message)
    return message


def open_state(state):
    """The account, and its cards by their names."""
    account = savings.Account()
    state.root.Unpack(account)
    return account, {name: unpack(packed) for name, packed in state.members.items()}


class Savings(services.EntityServicer):
    def Handle(self, request, context):
        account, cards = open_state(request.state)
        answer = entity.HandleResponse()
        try:
            for page in request.command.pages:
                command = unpack(page.command)
                event = handle(request.command.cover.domain, account, cards, page.entity, command)
                apply(account, cards, page.entity, event)  # the next command of the batch sees it
                answer.pages.add(entity=page.entity, synchronous=page.synchronous).Event.Pack(event)
        except Refused as refusal:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
        return answer

    def Apply(self, request, context):
        account, cards = open_state(request.state)
        for page in request.events.pages:
            apply(account, cards, page.entity, unpack(page.Event))
        answer = entity.ApplyResponse()
        answer.state.root.Pack(account)
        for name, card in cards.items():
            answer.state.members[name].Pack(card)
        return answer


def main():
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_EntityServicer_to_server(Savings(), server)
    server.add_insecure_port(os.environ.get("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"))
    server.start()
    print("accounts are served", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
