"""Tests of aggregates, sagas and projectors without a server: given, when, then.

What is given and what comes out takes the way over the wire, so a payload that cannot be packed fails here.
A scenario that does not hold raises `AssertionError`.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar

from evented.evented_pb2 import ContextualCommand, EventBook
from google.protobuf.message import Message

from ._payloads import pack, unpack
from .aggregate import Aggregate, apply_event, decide
from .errors import Code, Refused
from .event import cover
from .projector import Projector, project
from .saga import Saga, react
from .v1.command_outcome_pb2 import CommandOutcome
from .v1.saga_pb2 import SagaInput, SagaReaction, TimerFired

__all__ = [
    "AggregateScenario", "CancelTimer", "Ended", "Finish", "Fired", "Happened", "Input", "ProjectorScenario", "SagaScenario",
    "Send", "SetTimer", "aggregate", "appended", "fired", "happened", "projector", "refused", "saga",
]

A = TypeVar("A", bound=Aggregate)

#: The root of the aggregate in a scenario, where none is named.
ROOT = uuid.UUID(int=1)


def aggregate(kind: type[A]) -> "AggregateScenario[A]":
    return AggregateScenario(kind)


def saga(kind: type[Saga], *, key: str = "key") -> "SagaScenario":
    return SagaScenario(kind, key)


def projector(kind: type[Projector]) -> "ProjectorScenario":
    return ProjectorScenario(kind)


# Aggregates


class AggregateScenario(Generic[A]):
    """Given events, when a command, then events."""

    def __init__(self, kind: type[A]) -> None:
        self._kind = kind
        self._book = ContextualCommand()
        self._book.events.cover.CopyFrom(cover("domain", ROOT))
        self._book.command.cover.CopyFrom(self._book.events.cover)

    def given(self, *events: Message) -> Self:
        """The aggregate's past."""
        for event in events:
            self._book.events.pages.add(num=len(self._book.events.pages), Event=pack(event))
        return self

    def when(self, *commands: Message) -> Self:
        """Commands that are decided together."""
        for command in commands:
            self._book.command.pages.add(command=pack(command))
        return self

    def then(self, *events: Message) -> Self:
        """The events that come of it; none without arguments."""
        _assert_equal(self._decided(), list(events))
        return self

    def then_refused(self, code: Code, message: str | None = None) -> Self:
        """The refusal; any message will do unless one is given."""
        try:
            events = self._decided()
        except Refused as refusal:
            assert refusal.code is code, f"refused with {refusal.code.name}, not {code.name}: {refusal.message}"
            assert message in (None, refusal.message), f"refused with {refusal.message!r}, not {message!r}"
            return self
        raise AssertionError(f"not refused, but:{_shown(events)}")

    def then_state(self, holds: Callable[[A], bool]) -> Self:
        """Whether the aggregate is, after all, as it should be."""
        made = self._kind()
        for event in [*(unpack(page.Event) for page in self._book.events.pages), *self._decided()]:
            apply_event(made, event)
        assert holds(made), f"the aggregate is otherwise: {getattr(made, 'state', vars(made))}"
        return self

    def _decided(self) -> list[Message]:
        given = ContextualCommand.FromString(self._book.SerializeToString())
        return [unpack(page.Event) for page in decide(self._kind, given).pages]


# Projectors


class ProjectorScenario:
    """Given events, then a projection. Events come one by one, and all at once: the projection must be the same."""

    def __init__(self, kind: type[Projector]) -> None:
        self._kind = kind
        self._events: list[Message] = []

    def given(self, *events: Message) -> Self:
        self._events += events
        return self

    def then(self, projection: Message) -> Self:
        at_once = project(self._kind, _book(self._events))
        one_by_one = project(self._kind, _book([]))
        for number, event in enumerate(self._events):
            book = _book([event], first=number)
            book.projection.CopyFrom(one_by_one)
            one_by_one = project(self._kind, book)
        _assert_equal([unpack(at_once.projection)], [projection])
        _assert_equal([unpack(one_by_one.projection)], [projection], "event by event")
        return self


# Sagas: what comes in


@dataclass(frozen=True)
class Happened:
    """An event of another aggregate."""

    event: Message
    domain: str = "domain"
    root: uuid.UUID = ROOT

    def fill(self, given: SagaInput) -> None:
        given.events.CopyFrom(_book([self.event], domain=self.domain, root=self.root))


@dataclass(frozen=True)
class Ended:
    """The end of a command that the saga sent."""

    command: Message
    events: Sequence[Message] = ()
    code: Code = Code.OK
    message: str = ""
    domain: str = "domain"
    root: uuid.UUID = ROOT

    def fill(self, given: SagaInput) -> None:
        ended = given.outcome
        ended.command.cover.CopyFrom(cover(self.domain, self.root))
        ended.command.pages.add(command=pack(self.command))
        if self.code is not Code.OK:
            ended.end, ended.code, ended.message = CommandOutcome.REFUSED, self.code.value[0], self.message
        elif self.events:
            ended.end = CommandOutcome.APPENDED
            ended.events.CopyFrom(_book(self.events, domain=self.domain, root=self.root))
        else:
            ended.end = CommandOutcome.NOTHING_TO_DO


@dataclass(frozen=True)
class Fired:
    """A timer's time has come."""

    name: str

    def fill(self, given: SagaInput) -> None:
        given.timer.CopyFrom(TimerFired(name=self.name))


Input = Happened | Ended | Fired


def happened(event: Message, *, domain: str = "domain", root: uuid.UUID = ROOT) -> Happened:
    return Happened(event, domain, root)


def appended(command: Message, *events: Message, domain: str = "domain", root: uuid.UUID = ROOT) -> Ended:
    """A command that led to events; without any, the logic saw nothing to do."""
    return Ended(command, events, domain=domain, root=root)


def refused(
    command: Message, code: Code, message: str = "", *, domain: str = "domain", root: uuid.UUID = ROOT
) -> Ended:
    return Ended(command, (), code, message, domain, root)


def fired(name: str) -> Fired:
    return Fired(name)


# Sagas: what comes out


@dataclass(frozen=True)
class Send:
    domain: str
    root: uuid.UUID
    command: Message


@dataclass(frozen=True)
class SetTimer:
    name: str
    after: timedelta


@dataclass(frozen=True)
class CancelTimer:
    name: str


@dataclass(frozen=True)
class Finish:
    pass


class SagaScenario:
    """Given inputs, when an input, then what the saga wants to happen. An event may be given as it is."""

    def __init__(self, kind: type[Saga], key: str) -> None:
        self._kind = kind
        self._input = SagaInput(saga=kind.__name__, key=key)
        self._reaction = SagaReaction()

    def given(self, *inputs: Input | Message) -> Self:
        """What the instance has taken before."""
        for each in inputs:
            self.when(each)
        return self

    def when(self, given: Input | Message) -> Self:
        made = SagaInput(saga=self._input.saga, key=self._input.key)
        if self._input.HasField("state"):
            made.state.CopyFrom(self._input.state)
        (Happened(given) if isinstance(given, Message) else given).fill(made)
        self._reaction = react(self._kind, SagaInput.FromString(made.SerializeToString()))
        if self._reaction.HasField("state"):
            self._input.state.CopyFrom(self._reaction.state)
        return self

    def then(self, *actions: Send | SetTimer | CancelTimer | Finish) -> Self:
        """Everything that is to happen: commands, timers that are set, timers that are cancelled, the end."""
        _assert_equal(list(_actions(self._reaction)), list(actions))
        return self

    def then_state(self, state: Message) -> Self:
        assert self._input.HasField("state"), "the saga has no state"
        _assert_equal([unpack(self._input.state)], [state])
        return self


def _actions(reaction: SagaReaction) -> list[Any]:
    actions: list[Any] = [
        Send(book.cover.domain, uuid.UUID(bytes=book.cover.root.value), unpack(page.command))
        for book in reaction.commands for page in book.pages]
    actions += [SetTimer(each.name, each.after.ToTimedelta()) for each in reaction.timers]
    actions += [CancelTimer(name) for name in reaction.cancelled_timers]
    return actions + [Finish()] * reaction.finished


# Comparing


def _book(
    events: Sequence[Message], *, first: int = 0, domain: str = "domain", root: uuid.UUID = ROOT
) -> EventBook:
    book = EventBook(cover=cover(domain, root))
    for number, event in enumerate(events):
        book.pages.add(num=first + number, Event=pack(event))
    return book


def _assert_equal(found: list[Any], expected: list[Any], how: str = "") -> None:
    if found != expected:
        raise AssertionError(f"expected{' ' + how if how else ''}:{_shown(expected)}\nbut it is:{_shown(found)}")


def _shown(things: Sequence[Any]) -> str:
    return "".join(f"\n  {_line(thing)}" for thing in things) or " nothing"


def _line(thing: Any) -> str:
    if isinstance(thing, Message):
        return f"{thing.DESCRIPTOR.full_name} {{ {' '.join(str(thing).split())} }}"
    return " ".join(str(thing).split())
