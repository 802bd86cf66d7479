"""A saga: events, ends of commands and timers lead to commands, across aggregates and domains."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from evented.evented_pb2 import CommandBook, ExpectedSequence
from google.protobuf.message import Message

from ._payloads import Function, Methods, marker, methods_of, pack, state_type, unpack, unpack_state
from .errors import Code
from .event import cover, events_of
from .v1.command_outcome_pb2 import CommandOutcome
from .v1.saga_pb2 import SagaInput, SagaReaction

__all__ = ["Outcome", "Saga", "on", "outcome", "timer"]

#: Marks the method that takes an event: its payload, and the `Event` with what else is known of it. The annotation of
#: the payload says which events it takes. Other events do not concern the saga.
on = marker("on")

#: Marks the method that takes how a command ended: the command, and its `Outcome`.
outcome = marker("outcome")


def timer(name: str) -> Callable[[Function], Function]:
    """Marks the method that runs when the timer of this name fires."""

    def mark(function: Function) -> Function:
        setattr(function, "__outrider_timer__", name)
        return marker("timer")(function)

    return mark


@dataclass(frozen=True)
class Outcome:
    """How a command ended, for good. It was sent until an answer said so."""

    domain: str
    root: uuid.UUID
    #: What it led to. Empty: the logic saw nothing to do, or refused.
    events: tuple[Message, ...] = ()
    #: Why it was refused; OK if it was not.
    code: Code = Code.OK
    message: str = ""

    @property
    def is_refused(self) -> bool:
        return self.code is not Code.OK


class Saga:
    """Base of a saga's class. An instance takes one input, and says what is to happen by the methods below.

    What it says is stored in one step before any of it happens, and once: the methods have no other effect. Between
    inputs only `state` is kept; it is annotated with its message type, and may be left out.
    """

    #: Names the instance: a correlation, a header's value, or a root, as configured.
    key: str
    state: Any

    _ons: ClassVar[Methods]
    _outcomes: ClassVar[Methods]
    _timers: ClassVar[dict[str, Callable[..., Any]]]
    _state_type: ClassVar[type[Message] | None]

    def __init_subclass__(cls) -> None:
        cls._ons = Methods(cls, "on")
        cls._outcomes = Methods(cls, "outcome")
        cls._timers = {getattr(method, "__outrider_timer__"): method for method in methods_of(cls, "timer")}
        cls._state_type = state_type(cls)

    def __init__(self, key: str) -> None:
        self.key = key
        self._reaction = SagaReaction()
        if self._state_type is not None:
            self.state = self._state_type()

    def send(
        self, domain: str, root: uuid.UUID | bytes, command: Message, *, expected: int | None = None
    ) -> None:
        """Sends a command. Its end comes back as an outcome; commands to one aggregate keep their order."""
        book = CommandBook(cover=cover(domain, root if isinstance(root, uuid.UUID) else uuid.UUID(bytes=root)))
        book.pages.add(command=pack(command))
        if expected is not None:
            book.expected.CopyFrom(ExpectedSequence(next=expected))
        self._reaction.commands.append(book)

    def set_timer(self, name: str, after: timedelta) -> None:
        """Fires once, that long from now. A timer of the same name that is set already is replaced."""
        self._reaction.timers.add(name=name).after.FromTimedelta(after)

    def cancel_timer(self, name: str) -> None:
        self._reaction.cancelled_timers.append(name)

    def finish(self) -> None:
        """The instance gets no input any more. Its commands are sent all the same."""
        self._reaction.finished = True


def react(kind: type[Saga], given: SagaInput) -> SagaReaction:
    """What a saga answers to an input. Empty: it does not concern the saga."""
    saga = kind(given.key)
    unpack_state(given.state, saga.state if kind._state_type else None)
    if kind._state_type is not None:
        before = saga.state.SerializeToString(deterministic=True)
    _hand_over(saga, given)
    if kind._state_type is not None and saga.state.SerializeToString(deterministic=True) != before:
        saga._reaction.state.CopyFrom(pack(saga.state))
    return saga._reaction


def _hand_over(saga: Saga, given: SagaInput) -> None:
    match given.WhichOneof("input"):
        case "events":
            for page, event in events_of(given.events, subscription=given.saga):
                if method := saga._ons.find(page.Event.TypeName()):
                    method(saga, unpack(page.Event), event)
        case "outcome":
            packed = given.outcome.command.pages[0].command
            if method := saga._outcomes.find(packed.TypeName()):
                method(saga, unpack(packed), _outcome(given.outcome))
        case "timer":
            if method := saga._timers.get(given.timer.name):
                method(saga)


_CODES = {code.value[0]: code for code in Code}


def _outcome(ended: CommandOutcome) -> Outcome:
    # An end that is neither events nor nothing to do is a refusal, whatever later versions call it.
    is_refused = ended.end not in (CommandOutcome.APPENDED, CommandOutcome.NOTHING_TO_DO)
    return Outcome(
        domain=ended.command.cover.domain,
        root=uuid.UUID(bytes=ended.command.cover.root.value),
        events=tuple(unpack(page.Event) for page in ended.events.pages),
        code=_CODES.get(ended.code or Code.UNKNOWN.value[0], Code.UNKNOWN) if is_refused else Code.OK,
        message=ended.message)
