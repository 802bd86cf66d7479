"""An aggregate: a command goes in, events come out, and events make the state."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

from evented.evented_pb2 import CommandPage, ContextualCommand, EventBook, EventPage
from google.protobuf.message import Message

from ._payloads import Methods, marker, pack, state_type, unpack, unpack_state
from .errors import Code, Refused

__all__ = ["Aggregate", "apply", "process"]

#: Marks the method that decides a command. It returns an event, several, or None where nothing is to happen, and
#: changes nothing. It raises `Refused` to refuse. The annotation of its parameter says which commands it takes.
process = marker("process")

#: Marks the method that changes the state as an event says. It must not fail: the event has happened.
apply = marker("apply")


class Aggregate:
    """Base of an aggregate's class. An instance is one aggregate, from its past.

    Every event that the aggregate has needs an `apply` method, also one that changes nothing: an event that nobody
    applies is a mistake.

    The state is whatever attributes the class has. An attribute `state`, annotated with a message type, is made by
    this class, and can be stored as a snapshot.
    """

    #: After how many events a snapshot of `state` is stored; 0: never.
    snapshot_every: ClassVar[int] = 0
    state: Any
    #: Which of the aggregate's entities the command is for, or the event happened to, `type:id`. Empty: the root.
    entity: str = ""

    _processes: ClassVar[Methods]
    _applies: ClassVar[Methods]
    _state_type: ClassVar[type[Message] | None]

    def __init_subclass__(cls) -> None:
        cls._processes = Methods(cls, "process")
        cls._applies = Methods(cls, "apply")
        cls._state_type = state_type(cls)
        if cls.snapshot_every and cls._state_type is None:
            raise TypeError(f"{cls.__name__} declares no `state`, so there is nothing to store as a snapshot")

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        if cls._state_type is not None:
            made.state = cls._state_type()
        return made


def process_command(aggregate: Aggregate, command: Message) -> list[Message]:
    """The events that a command leads to, applied. Raises `Refused`."""
    name = command.DESCRIPTOR.full_name
    method = aggregate._processes.find(name)
    if method is None:
        raise Refused(Code.INVALID_ARGUMENT, f"{type(aggregate).__name__} knows no command {name}")
    events = _listed(method(aggregate, command))
    for event in events:
        apply_event(aggregate, event)
    return events


def process_page(aggregate: Aggregate, page: CommandPage) -> Iterator[EventPage]:
    """The events that a command of a book leads to, applied, as pages that are still to be numbered."""
    aggregate.entity = page.entity
    for event in process_command(aggregate, _known(page.command)):
        yield EventPage(entity=page.entity, synchronous=page.synchronous, Event=pack(event))


def apply_page(aggregate: Aggregate, page: EventPage) -> None:
    """Changes the state as an event of a book says."""
    aggregate.entity = page.entity
    apply_event(aggregate, unpack(page.Event))


def apply_event(aggregate: Aggregate, event: Message) -> None:
    """Changes the state as an event says."""
    name = event.DESCRIPTOR.full_name
    method = aggregate._applies.find(name)
    if method is None:
        raise TypeError(f"{type(aggregate).__name__} has no method that applies {name}")
    method(aggregate, event)


def decide(kind: type[Aggregate], given: ContextualCommand) -> EventBook:
    """What business logic answers: the new events, and a snapshot when it is time."""
    aggregate, past = kind(), given.events
    following = len(past.pages)
    if past.HasField("snapshot"):
        unpack_state(past.snapshot.state, aggregate.state if kind._state_type else None)
        following += past.snapshot.sequence + 1
    for page in past.pages:
        apply_page(aggregate, page)
    answer = EventBook(cover=given.command.cover)
    for command in given.command.pages:
        answer.pages.extend(process_page(aggregate, command))
    since = len(past.pages) + len(answer.pages)
    if answer.pages and kind.snapshot_every and since >= kind.snapshot_every:
        answer.snapshot.sequence = following + len(answer.pages) - 1
        answer.snapshot.state.CopyFrom(pack(aggregate.state))
    return answer


def _known(packed: Any) -> Message:
    try:
        return unpack(packed)
    except TypeError as error:
        raise Refused(Code.INVALID_ARGUMENT, str(error)) from None


def _listed(answer: Message | Iterable[Message] | None) -> list[Message]:
    if answer is None:
        return []
    return [answer] if isinstance(answer, Message) else list(answer)
