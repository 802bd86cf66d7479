"""Event handlers with a durable subscription: each event is handled at least once, each aggregate's in order."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from ._ordered import OrderedWork
from ._payloads import payload_types, unpack
from .connection import Connection, pauses, status
from .errors import Code, Refused
from .event import Event, Position, events_of
from .serving import termination
from .v1.subscriptions_pb2 import (
    SUBSCRIPTION_START_BEGINNING, SUBSCRIPTION_START_HEAD, Acknowledgement, SubscribeRequest, SubscriptionBegin,
    SubscriptionDelivery)

__all__ = ["Start", "Subscriber"]

Handler = TypeVar("Handler", bound=Callable[..., None])

log = logging.getLogger("outrider")

#: The call ends with one of these when it is to be made again.
AGAIN = {Code.UNAVAILABLE, Code.ABORTED, Code.RESOURCE_EXHAUSTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED,
         Code.INTERNAL, Code.UNKNOWN}


class Start(Enum):
    """Where a subscription begins that does not exist yet."""

    #: With the first event of each domain.
    BEGINNING = SUBSCRIPTION_START_BEGINNING
    #: Behind what there is.
    HEAD = SUBSCRIPTION_START_HEAD


class Subscriber:
    """Handlers by type of event, and the subscription that feeds them.

    A commit is acknowledged when the handlers of all its events have returned. A handler that raises is called again
    with the same event, after growing pauses, for ever: later events of its aggregate wait, other aggregates go on.
    What was not acknowledged when the process died comes again, to whoever has the same `name`. So a handler may get
    an event twice. An update that names the event as its trigger happens once all the same; towards other systems
    `Event.id` is the idempotency key.

    `name` is the subscription's; processes of one name share its work, as far as it has `lanes` (0: as it is, 1 if it
    is new). `window`: how many commits of a lane may be unacknowledged (0: 256). `workers`: how many aggregates are
    handled beside each other.
    """

    def __init__(
        self, name: str, domains: Sequence[str], *, connection: Connection | None = None,
        start: Start = Start.BEGINNING, lanes: int = 0, window: int = 0, workers: int = 8,
    ) -> None:
        self.name = name
        self.connection = connection or Connection()
        self.workers = workers
        self._begin = SubscriptionBegin(name=name, domains=domains, start=start.value, lanes=lanes, window=window)
        self._handlers: dict[str, Callable[..., None]] = {}
        self._running: _Consumer | None = None

    def on(self, handler: Handler) -> Handler:
        """Registers a function that takes an event's payload, and the `Event` with what else is known of it.

        The annotation of the payload says which types of events it takes: one, or a union.
        """
        for kind in payload_types(handler, 0):
            name = kind.DESCRIPTOR.full_name
            if name in self._handlers:
                raise TypeError(f"subscriber {self.name} has two handlers of {name}")
            self._handlers[name] = handler
        return handler

    def handle(self, payload: Message, event: Event) -> None:
        """Calls the handler of an event, if there is one. For tests, without a server."""
        if handler := self._handlers.get(payload.DESCRIPTOR.full_name):
            handler(payload, event)

    def run(self) -> None:
        """Handles events until SIGTERM or SIGINT. Handlers that are at work end first.

        Call it in the main thread. Raises `Refused` if the subscription is not allowed, or not possible.
        """
        ended = termination()
        consumer = self._consume(at_end=ended.set)
        ended.wait()
        consumer.stop()
        if consumer.failure:
            raise consumer.failure

    def start(self) -> None:
        """Handles events in threads of its own, until `stop`."""
        if self._running:
            raise RuntimeError(f"subscriber {self.name} runs already")
        self._running = self._consume(at_end=lambda: None)

    def stop(self) -> None:
        """Returns when the handlers that are at work have returned, and what they did is acknowledged."""
        if self._running:
            self._running.stop()
            self._running = None

    def _consume(self, at_end: Callable[[], None]) -> "_Consumer":
        begin = SubscriptionBegin()
        begin.CopyFrom(self._begin)
        begin.event_types.extend(sorted(self._handlers))
        return _Consumer(self, begin, at_end)


class _Call:
    """One call of Subscribe. Its requests are a queue that ends with None."""

    def __init__(self, connection: Connection, begin: SubscriptionBegin) -> None:
        self.requests: queue.SimpleQueue[SubscribeRequest | None] = queue.SimpleQueue()
        self.requests.put(SubscribeRequest(begin=begin))
        self.responses = connection.subscribe(iter(self.requests.get, None))

    def acknowledge(self, delivery: SubscriptionDelivery) -> None:
        self.requests.put(SubscribeRequest(acknowledgements=[Acknowledgement(
            domain=delivery.domain, position=delivery.position, lane=delivery.lane)]))

    def finish(self) -> None:
        self.requests.put(None)


@dataclass
class _Commit:
    """A delivery on its way through the handlers."""

    call: _Call
    delivery: SubscriptionDelivery
    #: How many of its events are handled.
    handled: int
    pauses: Any

    @property
    def lane(self) -> tuple[str, int, int]:
        return self.delivery.domain, self.delivery.position.partition, self.delivery.lane


class _Consumer:
    """The threads of a subscriber that runs: one reads, the others handle."""

    def __init__(self, subscriber: Subscriber, begin: SubscriptionBegin, at_end: Callable[[], None]) -> None:
        self.failure: Refused | None = None
        self._subscriber = subscriber
        self._begin = begin
        self._at_end = at_end
        self._work: OrderedWork[tuple[str, bytes], _Commit] = OrderedWork()
        self._call: _Call | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._handlers = [threading.Thread(target=self._handle, daemon=True) for _ in range(subscriber.workers)]
        self._reader = threading.Thread(target=self._read, daemon=True)
        for thread in (*self._handlers, self._reader):
            thread.start()

    def stop(self) -> None:
        self._work.close()
        for thread in self._handlers:
            thread.join()
        with self._guard:
            self._stopping.set()
            if self._call:
                self._call.finish()
        # The server answers the end of the requests when the acknowledgements are stored.
        self._reader.join(STOP_MAX)
        if self._call:
            self._call.responses.cancel()

    def _read(self) -> None:
        """Subscribes, again and again."""
        waits = pauses(longest=5)
        while True:
            with self._guard:
                if self._stopping.is_set():
                    break
                call = self._call = _Call(self._subscriber.connection, self._begin)
            try:
                for response in call.responses:
                    waits = pauses(longest=5)
                    if response.HasField("delivery"):
                        self._take(_Commit(call, response.delivery, 0, pauses(0.1, longest=30)))
                    elif not response.assignment.held:
                        lane = response.assignment
                        gone = (lane.domain, lane.partition, lane.lane)
                        self._work.drop(lambda commit: commit.lane == gone)
            except grpc.RpcError as error:
                code, message = status(error)
                if code not in AGAIN:
                    self.failure = Refused(code, message)
                    break
                log.warning("subscription %s: %s: %s; subscribing again", self._begin.name, code.name, message)
            call.finish()
            self._work.drop(lambda commit: commit.call is call)
            self._stopping.wait(next(waits))
        if self.failure:
            log.error("subscription %s: %s", self._begin.name, self.failure)
        self._at_end()

    def _take(self, commit: _Commit) -> None:
        delivery = commit.delivery
        if delivery.HasField("book"):
            self._work.add((delivery.domain, delivery.book.cover.root.value), commit)
        else:
            log.error("%s: commit %d cannot be read, and is passed over: %s",
                      delivery.domain, delivery.position.number, delivery.damage)
            commit.call.acknowledge(delivery)

    def _handle(self) -> None:
        while (taken := self._work.take()) is not None:
            key, commit = taken
            try:
                self._hand_over(commit)
            except Exception:
                pause = next(commit.pauses)
                log.exception("%s: a handler of subscription %s failed; it is called again in %.1f s",
                              _place(commit), self._begin.name, pause)
                self._work.retry(key, pause)
            else:
                commit.call.acknowledge(commit.delivery)
                self._work.done(key)

    def _hand_over(self, commit: _Commit) -> None:
        """Events that were handled before an earlier failure are not handed over again."""
        at = commit.delivery.position
        pages = list(events_of(
            commit.delivery.book, position=Position(at.partition, at.number), subscription=self._begin.name))
        for page, event in pages[commit.handled:]:
            if page.Event.TypeName() in self._subscriber._handlers:
                self._subscriber.handle(unpack(page.Event), event)
            commit.handled += 1


def _place(commit: _Commit) -> str:
    book = commit.delivery.book
    return f"{book.cover.domain}/{book.cover.root.value.hex()}/{book.pages[commit.handled].num}"


#: Seconds for the last acknowledgements to be stored.
STOP_MAX = 10.0
