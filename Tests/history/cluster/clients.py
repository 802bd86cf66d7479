"""Clients that send commands, again where they got no answer, and keep what they were told."""

import itertools
import threading
import time
from collections import namedtuple
from random import Random

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services

from .logic import pack, unpack
from .processes import DOMAIN

#: What a client asked, and what came of it in the end. `known`: how far the aggregate was known to have come
#: when it was asked first. `outcome` is "ok", "refused" or "unknown"; the rest is what the answer says: the place in
#: the log (partition, number), the first event's number, and the events.
Sent = namedtuple("Sent", "name root count id known outcome place first events")
#: That rest, where there are no events.
NOTHING = None, None, ()
#: A projection that somebody was shown: includes the events up to `sequence`.
Shown = namedtuple("Shown", "root sequence value")

Status = grpc.StatusCode
#: Statuses after which the contract says: send it again.
TRY_AGAIN = {Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.ABORTED, Status.RESOURCE_EXHAUSTED,
             Status.CANCELLED}
#: Of these, the ones that promise that nothing was stored.
NOTHING_STORED = {Status.ABORTED, Status.RESOURCE_EXHAUSTED}
#: The time of one call: sometimes so short that its caller gives up while it is under way.
TIMEOUTS = [0.05, 1, 5, 5, 5]


class Acknowledged:
    """How far clients know each aggregate to have come, and the log: whoever asks later must see as much."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = {}
        self.places = {}

    def learn(self, root, next):
        with self.lock:
            self.next[root] = max(next, self.next.get(root, 0))

    def learn_place(self, root, place):
        """That a command's events are at this place of the log, (partition, number)."""
        with self.lock:
            self.places[root] = max(place, self.places.get(root, place))

    def last_place(self, root):
        """Of the aggregate's acknowledged events; None where there are none."""
        with self.lock:
            return self.places.get(root)

    def next_of(self, root):
        with self.lock:
            return self.next.get(root, 0)


class Client:
    """One thread that sends one command after the other. What it wants follows from the seed.

    `pause` is how long it waits between two, in seconds.
    """

    def __init__(self, name, seed, cluster, roots, acknowledged, pause=0):
        self.name, self.cluster, self.roots, self.acknowledged = name, cluster, roots, acknowledged
        self.pause = pause
        self.random = Random(f"{seed} {name}")
        self.sent, self.shown, self.complaints = [], [], []
        self.stopped = threading.Event()
        self.give_up_at = float("inf")
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self, seconds):
        """Lets it bring to an end what it has begun."""
        self.give_up_at = time.monotonic() + seconds
        self.stopped.set()

    def join(self):
        self.thread.join()

    def run(self):
        try:
            for number in itertools.count(1):
                if self.stopped.wait(self.pause):
                    return
                self.send(f"{self.name}-{number}")
        except Exception as error:  # an answer that makes no sense
            self.complaints.append(f"{self.name}: {error!r}")

    def send(self, name):
        root, random = self.random.choice(self.roots), self.random.random
        count = self.random.choice([0, 1, 1, 1, 2, 3])
        id = "" if random() < 0.1 else name
        is_fact = count > 0 and random() < 0.2
        wants_refusal = not is_fact and random() < 0.05
        known = self.acknowledged.next_of(root)

        book = evented.EventBook() if is_fact else evented.CommandBook()
        book.cover.domain, book.cover.root.value, book.command_id = DOMAIN, root, id
        if is_fact:
            for part in range(count):
                pack(f"{name} {part} {count} fact", book.pages.add().Event)
        else:
            page = book.pages.add(synchronous=random() < 0.1)
            pack(f"{name} {'refuse' if wants_refusal else count}", page.command)
        refusals = {Status.INVALID_ARGUMENT} if wants_refusal else set()
        if random() < 0.3:
            book.expected.next = known
            refusals.add(Status.FAILED_PRECONDITION)

        times = 2 if id and random() < 0.05 else 1  # again for no reason
        for _ in range(times):
            answer = self.answer(book, id, refusals)
            self.sent.append(Sent(name, root, 0 if wants_refusal else count, id, known, *answer))

    def answer(self, book, id, refusals):
        """Asks one command-handler after the other until there is an answer. Returns the end of a `Sent`."""
        turn = self.random.randrange(100)
        while True:
            turn += 1
            handlers = self.cluster.command_handlers
            stub = services.BusinessCoordinatorStub(handlers[turn % len(handlers)].channel())
            call = stub.Record if isinstance(book, evented.EventBook) else stub.Handle
            try:
                return self.acknowledge(book.cover.root.value, call(book, timeout=self.random.choice(TIMEOUTS)))
            except grpc.RpcError as error:
                status = error.code()
                if status in refusals:
                    return "refused", *NOTHING
                if status not in TRY_AGAIN:
                    self.complaints.append(f"{self.name} was answered {status.name}: {error.details()}")
                    return "unknown", *NOTHING
                if not id:
                    return "refused" if status in NOTHING_STORED else "unknown", *NOTHING
            if time.monotonic() > self.give_up_at:
                self.complaints.append(
                    f"{self.name} got no answer in the end, last {status.name}: {error.details()}")
                return "unknown", *NOTHING
            time.sleep(0.02)

    def acknowledge(self, root, answer):
        for projection in answer.projections:
            self.shown.append(Shown(root, projection.sequence, unpack(projection.projection)))
        pages = [page for book in answer.books for page in book.pages]
        if not pages:
            return "ok", *NOTHING
        self.acknowledged.learn(root, pages[-1].num + 1)
        place = answer.position.partition, answer.position.number
        self.acknowledged.learn_place(root, place)
        return "ok", place, pages[0].num, tuple(unpack(page.Event) for page in pages)
