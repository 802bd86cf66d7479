"""Scenarios of aggregates."""

from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

from evented.evented_pb2 import ContextualCommand, EventPage
from google.protobuf.message import Message

from .._payloads import pack, unpack
from ..aggregate import Aggregate, apply_page, decide
from ..errors import Code, Refused
from ..event import cover
from ._comparing import ROOT, assert_equal, shown

A = TypeVar("A", bound=Aggregate)


class AggregateScenario(Generic[A]):
    """Given events, when a command, then events."""

    def __init__(self, kind: type[A]) -> None:
        self._kind = kind
        self._book = ContextualCommand()
        self._book.events.cover.CopyFrom(cover("domain", ROOT))
        self._book.command.cover.CopyFrom(self._book.events.cover)

    def given(self, *events: Message, entity: str = "") -> Self:
        """The aggregate's past; `entity` names the entity inside it that these events happened to."""
        for event in events:
            self._book.events.pages.add(num=len(self._book.events.pages), Event=pack(event), entity=entity)
        return self

    def when(self, *commands: Message, entity: str = "") -> Self:
        """Commands that are decided together; `entity` names the entity inside that these are for."""
        for command in commands:
            self._book.command.pages.add(command=pack(command), entity=entity)
        return self

    def then(self, *events: Message) -> Self:
        """The events that come of it; none without arguments."""
        assert_equal(self._decided(), list(events))
        return self

    def then_refused(self, code: Code, message: str | None = None) -> Self:
        """The refusal; any message will do unless one is given."""
        try:
            events = self._decided()
        except Refused as refusal:
            assert refusal.code is code, f"refused with {refusal.code.name}, not {code.name}: {refusal.message}"
            assert message in (None, refusal.message), f"refused with {refusal.message!r}, not {message!r}"
            return self
        raise AssertionError(f"not refused, but:{shown(events)}")

    def then_state(self, holds: Callable[[A], bool]) -> Self:
        """Whether the aggregate is, after all, as it should be."""
        made = self._kind()
        for page in [*self._book.events.pages, *self._pages(self._sent())]:
            apply_page(made, page)
        assert holds(made), f"the aggregate is in another state: {getattr(made, 'state', vars(made))}"
        return self

    def _decided(self) -> list[Message]:
        return [unpack(page.Event) for page in self._pages(self._sent())]

    def _sent(self) -> ContextualCommand:
        return ContextualCommand.FromString(self._book.SerializeToString())

    def _pages(self, given: ContextualCommand) -> Sequence[EventPage]:
        return decide(self._kind, given).pages
