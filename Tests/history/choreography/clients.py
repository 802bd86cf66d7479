"""Clients that create transfers, and know which have ended by what the view was given."""

import threading
from collections import namedtuple
from random import Random

from transfers import Clients

from .bank import ACCOUNT, CREATED, ENDS, OPENED, TRANSFER
from .entities import Entities, Unexpected

CENTS_MAX = 100
OPENED_WITH = 3 * CENTS_MAX
#: For each of so many transfers another account comes, so an account is in as many times those at a time, and pays or
#: gets paid twice as often.
TRANSFERS_EACH = 25

#: A transfer as it is created. The key is its entity's id.
Transfer = namedtuple("Transfer", "key payer payee cents")
#: A message that the view was given.
Delivery = namedtuple("Delivery", "entity id type")


class Plan:
    """All that is to happen follows from the seed: the accounts, and each transfer."""

    def __init__(self, seed, accounts, transfers=0):
        """So many accounts take part at a time. Where there are to be many transfers, others take their place one by
        one: who changes an account reads all its events, so with the same ones each transfer would take longer than
        the one before."""
        self.seed, self.at_a_time = seed, accounts
        accounts = max(accounts, transfers // TRANSFERS_EACH)
        random = Random(f"{seed} accounts")
        # Ids of Eventuate's own form. Those of transfers are of another.
        self.accounts = [f"{random.getrandbits(63):016x}-{random.getrandbits(64):016x}" for _ in range(accounts)]

    def transfer(self, number):
        random = Random(f"{self.seed} {number}")
        first = number // TRANSFERS_EACH
        payer, payee = (self.accounts[(first + place) % len(self.accounts)]
                        for place in random.sample(range(self.at_a_time), 2))
        if random.random() < 0.05:
            payee = "nobody"
        return Transfer(f"transfer-{number}", payer, payee, random.randint(1, CENTS_MAX))


class EventuateClients(Clients):
    def __init__(self, plan, deployment, count, window):
        super().__init__(plan, count, window)
        self.entities = Entities(deployment.gateways)
        self.view = View(deployment.view, self.note_ends)

    def open_accounts(self):
        for account in self.plan.accounts:
            self.entities.create(ACCOUNT, account, OPENED, {"cents": OPENED_WITH})

    def start(self):
        super().start()
        self.view.start()

    def begin(self, transfer):
        order = {"payer": transfer.payer, "payee": transfer.payee, "cents": transfer.cents}
        try:
            self.entities.create(TRANSFER, transfer.key, CREATED, order)
        except Unexpected as failure:
            self.complaints.append(str(failure))


class View(threading.Thread):
    """Follows what the view's processes write down, and tells how many more transfers have ended."""

    def __init__(self, path, tell):
        super().__init__(daemon=True)
        self.path, self.tell = path, tell
        self.deliveries, self.ended = [], set()

    def run(self):
        pause, rest = threading.Event(), ""
        with open(self.path) as file:
            while True:
                *lines, rest = (rest + file.read(1 << 16)).split("\n")
                if not lines:
                    pause.wait(0.02)
                    continue
                new = [Delivery(*line.split("\t")) for line in lines]
                self.deliveries += new
                ended = {each.entity for each in new if each.type in ENDS} - self.ended
                self.ended |= ended
                self.tell(len(ended))
