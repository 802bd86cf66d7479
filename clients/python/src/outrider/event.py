"""An event as handlers and sagas get it: the facts beside its payload."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from evented.evented_pb2 import UUID, Cause, Cover, EventBook, EventPage

__all__ = ["Event", "Position"]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a domain's log. Positions of one partition rise along it."""

    partition: int
    number: int


@dataclass(frozen=True)
class Event:
    """Which event it is, where it stands, and what led to it. The payload comes beside it."""

    domain: str
    root: uuid.UUID
    sequence: int
    command_id: str = ""
    correlation: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    position: Position | None = None
    #: How many causes lie before the event's own command.
    depth: int = 0
    #: The subscription that delivered it; part of the ids that it gives to commands.
    subscription: str = ""
    #: Ids of commands that this delivery has sent.
    _sent: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def id(self) -> str:
        """Names the event for good. Give it to external systems as their idempotency key."""
        return f"{self.domain}/{self.root}/{self.sequence}"

    def derived_id(self, step: str = "") -> uuid.UUID:
        """An id that is the same at each delivery of the event to this subscription; one for each step."""
        parts = (self.subscription, self.domain, str(self.root), str(self.sequence), step)
        digest = hashlib.sha256("\0".join(parts).encode()).digest()
        return uuid.UUID(bytes=digest[:16])

    def cause(self) -> Cause:
        """What a command says that this event led to."""
        return Cause(
            cover=cover(self.domain, self.root), sequence=self.sequence, command_id=self.command_id,
            depth=self.depth + 1)


def cover(domain: str, root: uuid.UUID) -> Cover:
    return Cover(domain=domain, root=UUID(value=root.bytes))


def events_of(
    book: EventBook, *, position: Position | None = None, subscription: str = ""
) -> Iterator[tuple[EventPage, Event]]:
    """The pages of a stored book, each with the facts about it."""
    for page in book.pages:
        yield page, Event(
            domain=book.cover.domain,
            root=uuid.UUID(bytes=book.cover.root.value),
            sequence=page.num,
            command_id=book.command_id,
            correlation=book.correlation,
            headers=dict(book.headers),
            created_at=page.createdAt.ToDatetime(UTC) if page.HasField("createdAt") else None,
            position=position or _position(book),
            depth=book.cause.depth,
            subscription=subscription)


def _position(book: EventBook) -> Position | None:
    if not book.HasField("position"):
        return None
    return Position(book.position.partition, book.position.number)
