"""The bank of a run: accounts, transfers between them, and the event handlers that move the money.

    TransferCreated ─► Debited ─► Credited ─► TransferCompleted
                    │          └► Refunded ─► TransferFailed      there is no payee
                    └► DebitRefused ────────► TransferFailed      the payer holds too little

Each step is taken by the handler of the event before it, on one entity, and names the transfer. A payer that holds too
little records that, too, so the history of accounts tells of every transfer.
"""

ACCOUNT, TRANSFER = "net.example.bank.Account", "net.example.bank.Transfer"
OPENED, DEBITED, DEBIT_REFUSED, CREDITED, REFUNDED = (
    f"net.example.bank.{name}" for name in ("Opened", "Debited", "DebitRefused", "Credited", "Refunded"))
CREATED, COMPLETED, FAILED = (
    f"net.example.bank.Transfer{name}" for name in ("Created", "Completed", "Failed"))

#: What each type of event does to what its account holds.
SIGNS = {OPENED: 1, DEBITED: -1, DEBIT_REFUSED: 0, CREDITED: 1, REFUNDED: 1}
ENDS = {COMPLETED, FAILED}


def holds(events):
    """What an account holds after these events, in cents."""
    return sum(SIGNS[event.type] * event.data["cents"] for event in events)


class Handlers:
    """What each event leads to. Handling one again changes nothing: each update names the event by its token."""

    def __init__(self, entities):
        self.entities = entities

    def debit(self, event):
        def decide(past):
            return DEBITED if holds(past) >= event.data["cents"] else DEBIT_REFUSED

        order = event.data | {"transfer": event.entity}
        self.entities.update(ACCOUNT, order["payer"], event.token, lambda past: (decide(past), order))

    def credit(self, event):
        if not self.entities.update(ACCOUNT, event.data["payee"], event.token, lambda _: (CREDITED, event.data)):
            self.entities.update(ACCOUNT, event.data["payer"], event.token, lambda _: (REFUNDED, event.data))

    def complete(self, event):
        self.end(event, COMPLETED)

    def fail(self, event):
        self.end(event, FAILED)

    def end(self, event, type):
        self.entities.update(TRANSFER, event.data["transfer"], event.token, lambda _: (type, {}))

    @property
    def workflows(self):
        """By subscriber and entity type: each type of event and what handles it."""
        return {
            "transfers": {TRANSFER: {CREATED: self.debit}},
            "accounts": {ACCOUNT: {DEBITED: self.credit, CREDITED: self.complete,
                                   REFUNDED: self.fail, DEBIT_REFUSED: self.fail}},
        }
