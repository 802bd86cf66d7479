"""Savings accounts as two functions: one decides, one folds. Outrider keeps the state.

An account may have cards, its members. Try it:
  outrider run --domain savings --style functions -- python3 examples/savings/python/savings.py
"""

import os
from concurrent import futures

import grpc
import savings_pb2 as savings
from outrider.v1 import entity_pb2 as entity
from outrider.v1 import entity_pb2_grpc as services


def decide(account, card, command):
    """What a command leads to: an event, or a refusal. `card` is None where the account is meant."""
    if not account.owner and not isinstance(command, savings.OpenAccount):
        raise ValueError("there is no such account")
    match command:
        case savings.OpenAccount():
            if account.owner:
                raise ValueError("the account is open already")
            return savings.AccountOpened(owner=command.owner)
        case savings.IssueCard():
            return savings.CardIssued(limit_cents=command.limit_cents)
        case savings.DepositCash():
            return savings.CashDeposited(cents=command.cents)
        case savings.WithdrawCash():
            if command.cents > account.cents:
                raise ValueError("the balance is too low")
            if card and card.spent_cents + command.cents > card.limit_cents:
                raise ValueError("the card's limit is reached")
            return savings.CashWithdrawn(cents=command.cents)


def fold(account, card, event):
    """What an event does to the states of the account and its card."""
    match event:
        case savings.AccountOpened():
            account.owner = event.owner
        case savings.CardIssued():
            card.limit_cents = event.limit_cents
        case savings.CashDeposited():
            account.cents += event.cents
        case savings.CashWithdrawn():
            account.cents -= event.cents
            if card:
                card.spent_cents += event.cents


# The rest is the same for every kind of aggregate.

COMMANDS = (savings.OpenAccount, savings.IssueCard, savings.DepositCash, savings.WithdrawCash)
EVENTS = (savings.AccountOpened, savings.CardIssued, savings.CashDeposited, savings.CashWithdrawn)


def unpack(packed, kinds):
    """The message inside a google.protobuf.Any."""
    for message in (kind() for kind in kinds):
        if packed.Unpack(message):
            return message
    raise ValueError(f"there is no {packed.TypeName()} in savings")


def open_state(state):
    """The account and its cards by their names."""
    account, cards = savings.Account(), {}
    state.root.Unpack(account)
    for name, packed in state.members.items():
        packed.Unpack(cards.setdefault(name, savings.Card()))
    return account, cards


def card_of(cards, name):
    return cards.setdefault(name, savings.Card()) if name else None


class Savings(services.EntityServicer):
    def Handle(self, request, context):
        account, cards = open_state(request.state)
        answer = entity.HandleResponse()
        try:
            for page in request.command.pages:
                card = card_of(cards, page.entity)
                event = decide(account, card, unpack(page.command, COMMANDS))
                fold(account, card, event)  # the next command of the batch sees it
                answer.pages.add(entity=page.entity, synchronous=page.synchronous).Event.Pack(event)
        except ValueError as refusal:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
        return answer

    def Apply(self, request, context):
        account, cards = open_state(request.state)
        for page in request.events.pages:
            fold(account, card_of(cards, page.entity), unpack(page.Event, EVENTS))
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
    print("savings are served", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
