"""Scenarios of sagas: what comes in, and what comes out."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from google.protobuf.message import Message

from .._payloads import pack, unpack
from ..errors import Code
from ..event import cover
from ..saga import Saga, react
from ..v1.command_outcome_pb2 import CommandOutcome
from ..v1.saga_pb2 import SagaInput, SagaReaction, TimerFired
from ._comparing import ROOT, assert_equal, book_of


@dataclass(frozen=True)
class Happened:
    """An event of another aggregate."""

    event: Message
    domain: str = "domain"
    root: uuid.UUID = ROOT

    def fill(self, given: SagaInput) -> None:
        given.events.CopyFrom(book_of([self.event], domain=self.domain, root=self.root))


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
            ended.events.CopyFrom(book_of(self.events, domain=self.domain, root=self.root))
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


Action = Send | SetTimer | CancelTimer | Finish


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

    def then(self, *actions: Action) -> Self:
        """Everything that is to happen: commands, timers that are set, timers that are cancelled, the end."""
        assert_equal(list(_actions(self._reaction)), list(actions))
        return self

    def then_state(self, state: Message) -> Self:
        assert self._input.HasField("state"), "the saga has no state"
        assert_equal([unpack(self._input.state)], [state])
        return self


def _actions(reaction: SagaReaction) -> Iterator[Action]:
    for book in reaction.commands:
        for page in book.pages:
            yield Send(book.cover.domain, uuid.UUID(bytes=book.cover.root.value), unpack(page.command))
    for timer in reaction.timers:
        yield SetTimer(timer.name, timer.after.ToTimedelta())
    for name in reaction.cancelled_timers:
        yield CancelTimer(name)
    if reaction.finished:
        yield Finish()
