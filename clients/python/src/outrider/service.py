"""A service's way to aggregates of one type: create, update, find."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from evented.evented_pb2 import UUID, CommandBook, ExpectedSequence, Query, SynchronousProcessingResponse
from google.protobuf.message import Message

from ._payloads import pack, unpack
from .aggregate import Aggregate, apply_page
from .connection import TIMEOUT, Connection, pauses
from .errors import Code, Conflict, Refused
from .event import Event, Position, cover

__all__ = ["Aggregates", "Found", "Stored"]

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Stored:
    """What a command led to. It is on disk."""

    root: uuid.UUID
    #: Empty: the logic saw nothing to do.
    events: tuple[Message, ...]
    #: The sequence of the aggregate's next event, behind these; None without events.
    next_sequence: int | None
    #: Where they stand in the domain's log; None without events.
    position: Position | None
    command_id: str
    #: The command was known: these are the events that it led to before.
    already_handled: bool


@dataclass(frozen=True)
class Found(Generic[A]):
    """An aggregate, folded from its events."""

    root: uuid.UUID
    aggregate: A
    #: The sequence of its next event: what `expected` is compared with.
    next_sequence: int


class Aggregates(Generic[A]):
    """The aggregates of one type. May be shared by threads.

    Each method takes `timeout`, in seconds, over all tries, and raises
        Refused      the logic, or the sidecar, says no
        Unavailable  it did not succeed in time; whether a command was stored is not known
    """

    def __init__(self, kind: type[A], *, domain: str, connection: Connection | None = None) -> None:
        self.kind = kind
        self.domain = domain
        self.connection = connection or Connection()

    def create(
        self, command: Message, *, root: uuid.UUID | None = None, trigger: Event | None = None, step: str = "",
        command_id: str = "", headers: Mapping[str, str] | None = None, timeout: float = TIMEOUT,
    ) -> Stored:
        """Sends the first command of a new aggregate. Without `root`, one is made: of the trigger, or random.

        Raises `Conflict` if there is one of this root. For the rest see `update`.
        """
        root = root or (trigger.derived_id(step) if trigger else uuid.uuid4())
        return self.update(
            root, command, expected=0, trigger=trigger, step=step, command_id=command_id, headers=headers,
            timeout=timeout)

    def update(
        self, root: uuid.UUID, command: Message | Callable[[A], Message | None], *, expected: int | None = None,
        trigger: Event | None = None, step: str = "", command_id: str = "", entity: str = "",
        headers: Mapping[str, str] | None = None, timeout: float = TIMEOUT,
    ) -> Stored:
        """Sends a command. It happens once, however often it is tried.

        A function instead of a command gets the aggregate as it stands, and returns the command or None. When
        somebody else was faster, it is asked again.

        `trigger` is the event that led here: it is stored as the cause, and makes the command id. So an event that is
        delivered again updates the aggregate once. One that updates the same aggregate several times tells its
        updates apart by `step`.

        `entity` names the entity inside the aggregate that the command is for, `type:id`.

        `expected` is the `next_sequence` at which the aggregate must stand; raises `Conflict` if it does not.
        """
        book = self._book(root, trigger, step, command_id, headers)
        if not callable(command):
            stored = self._send(book, command, entity, expected, timeout)
        elif expected is not None:
            raise TypeError("a function is given the aggregate as it stands: leave out `expected`")
        else:
            stored = self._decide(book, command, entity, timeout)
        if trigger:
            trigger._sent.add(_sent(book))
        return stored

    def find(self, root: uuid.UUID, *, timeout: float = TIMEOUT) -> Found[A] | None:
        """The aggregate as it stands; None if it has no event."""
        found = self._read(root, timeout)
        return found if found.next_sequence else None

    def _book(
        self, root: uuid.UUID, trigger: Event | None, step: str, command_id: str,
        headers: Mapping[str, str] | None,
    ) -> CommandBook:
        book = CommandBook(cover=cover(self.domain, root), command_id=command_id, headers=dict(headers or {}))
        if trigger is None:
            book.command_id = command_id or str(uuid.uuid4())
            return book
        book.command_id = command_id or str(trigger.derived_id(step))
        book.correlation = trigger.correlation
        book.cause.CopyFrom(trigger.cause())
        if _sent(book) in trigger._sent:
            raise ValueError(f"event {trigger.id} has updated {self.domain}/{root} already: name a `step`")
        return book

    def _decide(
        self, book: CommandBook, decide: Callable[[A], Message | None], entity: str, timeout: float
    ) -> Stored:
        root = uuid.UUID(bytes=book.cover.root.value)
        deadline = time.monotonic() + timeout
        for pause in pauses(0.005, longest=0.2):
            found = self._read(root, deadline - time.monotonic())
            command = decide(found.aggregate)
            if command is None:
                return Stored(root, (), None, None, book.command_id, already_handled=False)
            try:
                return self._send(book, command, entity, found.next_sequence, deadline - time.monotonic())
            except Conflict:
                if time.monotonic() + pause >= deadline:
                    raise
            time.sleep(pause)
        raise AssertionError("pauses never end")

    def _send(
        self, book: CommandBook, command: Message, entity: str, expected: int | None, timeout: float
    ) -> Stored:
        del book.pages[:]
        book.pages.add(command=pack(command), entity=entity)
        if expected is not None:
            book.expected.CopyFrom(ExpectedSequence(next=expected))
        try:
            answer = self.connection.handle(book, timeout)
        except Refused as refusal:
            # The logic refuses with the same code: where the aggregate stands tells the two apart.
            if expected is not None and refusal.code is Code.FAILED_PRECONDITION:
                if not self._stands_at(expected, book, timeout):
                    raise Conflict(refusal.message) from refusal
            raise
        return _stored(answer, book)

    def _stands_at(self, expected: int, book: CommandBook, timeout: float) -> bool:
        query = Query(
            domain=self.domain, root=book.cover.root, lowerBound=max(expected - 1, 0), upperBound=expected + 1)
        numbers = [page.num for found in self.connection.events(query, timeout) for page in found.pages]
        return numbers == [expected - 1] if expected else not numbers

    def _read(self, root: uuid.UUID, timeout: float) -> Found[A]:
        aggregate, following = self.kind(), 0
        for book in self.connection.events(Query(domain=self.domain, root=UUID(value=root.bytes)), timeout):
            for page in book.pages:
                apply_page(aggregate, page)
                following = page.num + 1
        return Found(root, aggregate, following)


def _sent(book: CommandBook) -> str:
    return f"{book.cover.domain}/{book.cover.root.value.hex()}/{book.command_id}"


def _stored(answer: SynchronousProcessingResponse, book: CommandBook) -> Stored:
    # The books of synchronous sagas stand behind the command's own.
    own = [each for each in answer.books[:1] if each.cover == book.cover]
    pages = [page for each in own for page in each.pages]
    position = Position(answer.position.partition, answer.position.number) if answer.HasField("position") else None
    return Stored(
        root=uuid.UUID(bytes=book.cover.root.value),
        events=tuple(unpack(page.Event) for page in pages),
        next_sequence=pages[-1].num + 1 if pages else None,
        position=position,
        command_id=book.command_id,
        already_handled=answer.already_handled)
