"""Readers that look on while things go wrong, each by one of the ways in which Outrider shows what it has."""

import queue
import threading
import time
from collections import namedtuple
from random import Random

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from google.protobuf import empty_pb2
from outrider.v1 import log_pb2, log_pb2_grpc, parked_pb2, parked_pb2_grpc, projections_pb2, projections_pb2_grpc

from .clients import Shown, Status
from .logic import unpack
from .processes import DOMAIN, PROJECTOR

#: A position of the log. `root` is None in a tombstone.
Entry = namedtuple("Entry", "partition number root first events command")
#: Events of one aggregate that somebody was given, as (number, text), after having asked for those from `lower`
#: on. `known` is how far the aggregate was known to have come when they were asked for.
Read = namedtuple("Read", "who root lower known events")
#: The number of events that a projection included, asked for as `at_least` of a place where an acknowledged command's
#: events are; 0 where there was none.
Written = namedtuple("Written", "who root place included")
#: What a partition of the log held behind `after`, asked for once it had said that it ends at `head`.
Tail = namedtuple("Tail", "partition head after entries")

#: How a read may end while processes are killed and the store is away.
MAY_FAIL = {Status.UNAVAILABLE, Status.CANCELLED, Status.DEADLINE_EXCEEDED, Status.ABORTED}


def uuid(root):
    return evented.UUID(value=root)


def entry_of(answer):
    place = answer.position.partition, answer.position.number
    if answer.tombstone:
        return Entry(*place, None, 0, (), "")
    pages = answer.book.pages
    return Entry(*place, answer.book.cover.root.value, pages[0].num,
                 tuple(unpack(page.Event) for page in pages), answer.book.command_id)


def shown_of(record):
    projection = record.projection
    return Shown(projection.cover.root.value, projection.sequence, unpack(projection.projection))


class Reader:
    """One thread that reads, and begins anew at another query-handler where its call ends."""

    def __init__(self, name, seed, cluster, roots, acknowledged):
        self.name, self.cluster, self.roots, self.acknowledged = name, cluster, roots, acknowledged
        self.random = Random(f"{seed} {name}")
        self.complaints = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        """Lets it begin no other call. The one under way ends with its query-handler."""
        self.stopped.set()

    def join(self):
        self.thread.join(30)
        assert not self.thread.is_alive(), f"{self.name} does not end, although its query-handler has"

    def run(self):
        turn = self.random.randrange(100)
        while not self.stopped.is_set():
            turn += 1
            handlers = self.cluster.query_handlers
            try:
                self.read(handlers[turn % len(handlers)].channel())
            except grpc.RpcError as error:
                if error.code() not in MAY_FAIL:
                    self.complaints.append(f"{self.name}: {error.code().name}: {error.details()}")
                    return
                self.stopped.wait(0.02)
            except Exception as error:  # an answer that makes no sense
                self.complaints.append(f"{self.name}: {error!r}")
                return


class LogFollower(Reader):
    """Follows a partition of the log from its beginning, and goes on behind the last entry that it has seen."""

    def __init__(self, partition, *arguments):
        super().__init__(*arguments)
        self.partition = partition
        self.entries = []

    def read(self, channel):
        after = self.entries[-1].number if self.entries else 0
        request = log_pb2.ReadLogRequest(domain=DOMAIN, partition=self.partition, after=after, follow=True)
        for answer in log_pb2_grpc.LogStub(channel).Read(request):
            self.entries.append(entry_of(answer))

    def has_all(self, truth):
        return len(self.entries) >= truth.heads[self.partition]


class Synchronizer(Reader):
    """Keeps itself level with every aggregate."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.reads = []
        self.next = {}  # of each aggregate, over all calls

    def read(self, channel):
        queries = queue.SimpleQueue()
        of_call = {}
        for root in self.roots:
            lower = self.next.get(root, 0)
            of_call[root] = Read(self.name, root, lower, 0, [])
            queries.put(evented.Query(domain=DOMAIN, root=uuid(root), lowerBound=lower))
        self.reads += of_call.values()
        try:
            for book in services.EventQueryStub(channel).Synchronize(iter(queries.get, None)):
                root = book.cover.root.value
                of_call[root].events.extend((page.num, unpack(page.Event)) for page in book.pages)
                self.next[root] = book.pages[-1].num + 1
        finally:
            queries.put(None)

    def has_all(self, truth):
        return all(self.next.get(root, 0) >= len(events) for root, events in truth.streams.items())


class ProjectionWatcher(Reader):
    """Watches every projection. Each call is a list of what it showed."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.calls = []
        self.last = {}

    def read(self, channel):
        self.calls.append([])
        request = projections_pb2.WatchProjectionsRequest(projector=PROJECTOR, domain=DOMAIN)
        for record in projections_pb2_grpc.ProjectionsStub(channel).Watch(request):
            shown = shown_of(record)
            self.calls[-1].append(shown)
            self.last[shown.root] = shown.sequence

    def has_all(self, truth):
        return all(self.last.get(root, -1) >= len(events) - 1 for root, events in truth.streams.items())


class Inquirer(Reader):
    """Asks one thing after the other: an aggregate's events, its projection, the end of the log.

    It asks for a projection as it is, and for one that includes what was acknowledged.
    """

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.reads, self.shown, self.written, self.tails = [], [], [], []

    def read(self, channel):
        while not self.stopped.wait(0.01):
            root = self.random.choice(self.roots)
            self.ask_for_events(channel, root)
            self.ask_for_projection(channel, root)
            self.ask_for_what_was_written(channel, root)
            self.ask_for_tail(channel)

    def ask_for_events(self, channel, root):
        known = self.acknowledged.next_of(root)
        lower = self.random.choice([0, max(known - 3, 0)])
        query = evented.Query(domain=DOMAIN, root=uuid(root), lowerBound=lower)
        self.reads.append(Read(self.name, root, lower, known, events_of(channel, query)))

    def ask_for_projection(self, channel, root, timeout=5, **at_least):
        """Returns how many events it includes."""
        request = projections_pb2.GetProjectionRequest(
            projector=PROJECTOR, domain=DOMAIN, root=uuid(root), **at_least)
        try:
            shown = shown_of(projections_pb2_grpc.ProjectionsStub(channel).Get(request, timeout=timeout))
        except grpc.RpcError as error:
            if error.code() != Status.NOT_FOUND:
                raise
            return 0
        self.shown.append(shown)
        return shown.sequence + 1

    def ask_for_what_was_written(self, channel, root):
        place = self.acknowledged.last_place(root)
        if place:
            partition, number = place
            # Not for long: while the projector is away, there are other things to ask.
            included = self.ask_for_projection(
                channel, root, timeout=1, at_least=evented.LogPosition(partition=partition, number=number))
            self.written.append(Written(self.name, root, place, included))

    def ask_for_tail(self, channel):
        log = log_pb2_grpc.LogStub(channel)
        for head in log.Head(log_pb2.HeadRequest(domain=DOMAIN), timeout=5).positions:
            after = max(head.number - 5, 0)
            request = log_pb2.ReadLogRequest(domain=DOMAIN, partition=head.partition, after=after)
            entries = [entry_of(answer) for answer in log.Read(request, timeout=5)]
            self.tails.append(Tail(head.partition, head.number, after, entries))

    def has_all(self, truth):
        return self.written or not truth.streams


def events_of(channel, query):
    books = services.EventQueryStub(channel).GetEvents(query, timeout=5)
    return [(page.num, unpack(page.Event)) for book in books for page in book.pages]


#: What is there in the end: the log, one partition after the other; the events of each aggregate, as EventQuery
#: gives them; its projection; the roots that are parked; and where each partition says that it ends.
Truth = namedtuple("Truth", "log streams projections parked heads")


def read_truth(cluster):
    """Everything, from any replica: nothing is killed any more."""
    channel = cluster.query_handlers[0].channel()
    logs = log_pb2_grpc.LogStub(channel)
    heads = read_heads(cluster)
    log = [entry_of(answer) for partition in range(len(heads)) for answer in logs.Read(
        log_pb2.ReadLogRequest(domain=DOMAIN, partition=partition), timeout=60)]
    roots = [answer.root.value
             for answer in services.EventQueryStub(channel).GetAggregateRoots(empty_pb2.Empty(), timeout=60)]
    streams = {root: events_of(channel, evented.Query(domain=DOMAIN, root=uuid(root))) for root in roots}
    return Truth(log, streams, read_projections(channel), read_parked(cluster.projectors[0]), heads)


def read_heads(cluster):
    """Where each partition of the log ends."""
    logs = log_pb2_grpc.LogStub(cluster.query_handlers[0].channel())
    return [head.number for head in logs.Head(log_pb2.HeadRequest(domain=DOMAIN), timeout=60).positions]


def read_projections(channel):
    request = projections_pb2.ListProjectionsRequest(projector=PROJECTOR, domain=DOMAIN, page_size=1000)
    records = projections_pb2_grpc.ProjectionsStub(channel).List(request, timeout=60).records
    return [shown_of(record) for record in records]


def read_parked(projector):
    parked = parked_pb2_grpc.ParkedStub(projector.channel())
    return [f"{each.root.value.hex()} at {each.first_sequence}: {each.reason}"
            for each in parked.List(parked_pb2.ListParkedRequest(), timeout=60).parked]


def wait_until_level(readers, cluster, seconds):
    """Until every reader, and the projector, has come to the end of the log. Returns what is there then, and
    sentences about those who have not come so far in time: nobody has to wait for long."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            truth = read_truth(cluster)
            late = who_is_late(readers, truth)
            if not late or time.monotonic() > deadline:
                return truth, late
        except grpc.RpcError as error:  # the store has only just come back
            if error.code() not in MAY_FAIL or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def who_is_late(readers, truth):
    made = {shown.root: shown.sequence for shown in truth.projections}
    behind = [reader.name for reader in readers if not reader.has_all(truth)]
    behind += [f"the projection of {root.hex()}" for root, events in truth.streams.items()
               if made.get(root, -1) < len(events) - 1]
    return [f"{who} does not come to the end of the log" for who in behind]
