"""The books of accounts as a clerk keeps them, from the events alone: independent of the functions and their states."""

from dataclasses import dataclass, field

from savings_records import unpacked

CARDS = "card:1", "card:2", "card:3"
LIMIT = 200_00  # cents, of each card

#: How a transfer ends.
ENDS = "TransferReceived", "TransferTakenBack"
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
        kind, fields = event
        if kind == "AccountOpened":
            self.owner, self.credit = fields["owner"], fields["credit"]
        elif kind == "CardIssued":
            self.cards[card] = CardBook(fields["limit"])
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
    kind, fields = event
    return SIGNS[kind] * fields["amount"] if kind in SIGNS else 0


def book_after(pages):
    book = Book()
    for page in pages:
        book.enter(page.entity, unpacked(page.Event))
    return book


def book_in(state):
    """What an `outrider.v1.AggregateState` of the example says."""
    _, account = unpacked(state.root)
    cards = {name: unpacked(payload)[1] for name, payload in state.members.items()}
    return Book(account["owner"], account["balance"], account["credit"],
                {name: CardBook(card["limit"], card["spent"]) for name, card in cards.items()})
