"""The books of accounts as a clerk keeps them, from the events alone: independent of the functions and their states."""

from dataclasses import dataclass, field

import savings_pb2 as savings

CARDS = "card:1", "card:2", "card:3"
LIMIT = 200_00  # cents, of each card

#: Which way an event moves money.
SIGNS = {
    "CashDeposited": 1, "TransferReceived": 1, "TransferTakenBack": 1, "CashWithdrawn": -1, "TransferSent": -1}


@dataclass
class CardBook:
    limit: int
    spent: int = 0


@dataclass
class Book:
    owner: str = ""
    cents: int = 0
    credit: int = 0
    cards: dict = field(default_factory=dict)

    def enter(self, card, event):
        kind = event.DESCRIPTOR.name
        if kind == "AccountOpened":
            self.owner, self.credit = event.owner, event.credit_cents
        elif kind == "CardIssued":
            self.cards[card] = CardBook(event.limit_cents)
        elif kind == "CardCancelled":
            del self.cards[card]
        else:
            moved = moved_by(event)
            self.cents += moved
            if card:
                self.cards[card].spent -= moved

    def faults(self):
        """What no account may come to."""
        if self.cents < -self.credit:
            yield f"overdrawn: {self.cents} cents"
        yield from (f"{name} is beyond its limit" for name, card in self.cards.items() if card.spent > card.limit)


def moved_by(event):
    """What the event adds to an account, in cents."""
    sign = SIGNS.get(event.DESCRIPTOR.name, 0)
    return sign * event.cents if sign else 0


def book_after(pages):
    book = Book()
    for page in pages:
        book.enter(page.entity, unpack(page.Event))
    return book


def book_in(state):
    """What an `outrider.v1.AggregateState` of the example says."""
    account = savings.Account()
    state.root.Unpack(account)
    book = Book(account.owner, account.cents, account.credit_cents)
    for name, packed in state.members.items():
        card = savings.Card()
        packed.Unpack(card)
        book.cards[name] = CardBook(card.limit_cents, card.spent_cents)
    return book


def unpack(packed):
    event = getattr(savings, packed.TypeName().removeprefix("savings."))()
    packed.Unpack(event)
    return event
