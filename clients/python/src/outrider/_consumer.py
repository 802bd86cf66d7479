"""The threads behind a subscriber: what is delivered goes through the handlers, and is acknowledged."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import grpc
from google.protobuf.message import Message

from ._ordered import OrderedWork
from ._payloads import unpack
from .connection import Connection, pauses, status
from .errors import Code, Refused
from .event import Event, Position, events_of
from .v1.subscriptions_pb2 import (
    Acknowledgement, SubscribeRequest, SubscribeResponse, SubscriptionBegin, SubscriptionDelivery)

log = logging.getLogger("outrider")

#: The call is made again after one of these.
AGAIN = {
    Code.UNAVAILABLE, Code.ABORTED, Code.RESOURCE_EXHAUSTED, Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.INTERNAL,
    Code.UNKNOWN}

#: Seconds for the last acknowledgements to be stored.
STOP_MAX = 10.0


class Call:
    """One call of Subscribe. Its requests are a queue that ends with None."""

    def __init__(self, connection: Connection, begin: SubscriptionBegin) -> None:
        self.requests: queue.SimpleQueue[SubscribeRequest | None] = queue.SimpleQueue()
        self.requests.put(SubscribeRequest(begin=begin))
        self.token = connection.current_token()
        self.responses = connection.subscribe(iter(self.requests.get, None), self.token)

    def acknowledge(self, delivery: SubscriptionDelivery) -> None:
        self.requests.put(SubscribeRequest(acknowledgements=[Acknowledgement(
            domain=delivery.domain, position=delivery.position, lane=delivery.lane)]))

    def finish(self) -> None:
        self.requests.put(None)


@dataclass
class Commit:
    """A delivery on its way through the handlers."""

    call: Call
    delivery: SubscriptionDelivery
    #: How many of its events are handled.
    handled: int
    pauses: Iterator[float]

    @property
    def lane(self) -> tuple[str, int, int]:
        return self.delivery.domain, self.delivery.position.partition, self.delivery.lane


class Consumer:
    """Feeds handlers from a subscription, in threads of its own: one reads, the others handle.

    `at_end` is called when nothing more is read: after `stop`, or with a `failure`.
    """

    def __init__(
        self, begin: SubscriptionBegin, connection: Connection, handle: Callable[[Message, Event], None], *,
        workers: int, at_end: Callable[[], None],
    ) -> None:
        self.failure: Exception | None = None
        self._begin = begin
        self._connection = connection
        self._handle = handle
        self._at_end = at_end
        self._work: OrderedWork[tuple[str, bytes], Commit] = OrderedWork()
        self._call: Call | None = None
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._workers = [threading.Thread(target=self._work_on, daemon=True) for _ in range(workers)]
        self._reader = threading.Thread(target=self._read, daemon=True)
        for thread in (*self._workers, self._reader):
            thread.start()

    def stop(self) -> None:
        """Ends in order. Raises what ended it before."""
        self._work.close()
        for thread in self._workers:
            thread.join()
        with self._guard:
            self._stopping.set()
            if self._call:
                self._call.finish()
        # The server answers the end of the requests when the acknowledgements are stored.
        self._reader.join(STOP_MAX)
        if self._call:
            self._call.responses.cancel()
        if self.failure:
            raise self.failure

    def _read(self) -> None:
        try:
            self._follow()
        except Exception as error:
            log.error("subscription %s ends: %s", self._begin.name, error)
            self.failure = error
        finally:
            self._at_end()

    def _follow(self) -> None:
        """Subscribes, again and again. Raises `Refused` where that is of no use."""
        waits = pauses(longest=5)
        while (call := self._subscribe()) is not None:
            try:
                for response in call.responses:
                    waits = pauses(longest=5)
                    self._take(response, call)
            except grpc.RpcError as error:
                code, message = status(error)
                if code not in AGAIN and not self._has_new_token(call, code):
                    raise Refused(code, message) from error
                log.warning("subscription %s: %s: %s; subscribing again", self._begin.name, code.name, message)
            finally:
                call.finish()
                self._forget(call)
            self._stopping.wait(next(waits))

    def _subscribe(self) -> Call | None:
        """A new call; None after `stop`."""
        with self._guard:
            self._call = None if self._stopping.is_set() else Call(self._connection, self._begin)
            return self._call

    def _has_new_token(self, call: Call, code: Code) -> bool:
        """A call ends with its token, and the next one may show another."""
        return code is Code.UNAUTHENTICATED and self._connection.current_token() != call.token

    def _forget(self, call: Call) -> None:
        """What came by a call that ended comes again by the next."""
        self._work.drop(lambda commit: commit.call is call)

    def _take(self, response: SubscribeResponse, call: Call) -> None:
        delivery, lane = response.delivery, response.assignment
        if response.HasField("assignment"):
            if not lane.held:
                gone = (lane.domain, lane.partition, lane.lane)
                self._work.drop(lambda commit: commit.lane == gone)
        elif delivery.HasField("book"):
            key = (delivery.domain, delivery.book.cover.root.value)
            self._work.add(key, Commit(call, delivery, 0, pauses(0.1, longest=30)))
        else:
            log.error("%s: commit %d cannot be read, and is passed over: %s",
                      delivery.domain, delivery.position.number, delivery.damage)
            call.acknowledge(delivery)

    def _work_on(self) -> None:
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

    def _hand_over(self, commit: Commit) -> None:
        """Events that were handled before an earlier failure are not handed over again."""
        at = commit.delivery.position
        pages = list(events_of(
            commit.delivery.book, position=Position(at.partition, at.number), subscription=self._begin.name))
        for page, event in pages[commit.handled:]:
            if page.Event.TypeName() in self._begin.event_types:
                self._handle(unpack(page.Event), event)
            commit.handled += 1


def _place(commit: Commit) -> str:
    book = commit.delivery.book
    return f"{book.cover.domain}/{book.cover.root.value.hex()}/{book.pages[commit.handled].num}"
