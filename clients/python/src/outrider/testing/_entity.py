"""Scenarios of the function style."""

from collections.abc import Sequence
from typing import TypeVar

from evented.evented_pb2 import ContextualCommand, EventBook, EventPage

from ..entity import Entity, apply_events, handle_command
from ..v1.entity_pb2 import AggregateState, ApplyRequest, HandleRequest
from ._aggregate import AggregateScenario
from ._comparing import assert_equal

E = TypeVar("E", bound=Entity)


class EntityScenario(AggregateScenario[E]):
    """Given events, when a command, then events. Events are applied one by one, and all at once: the state must be
    the same."""

    def _pages(self, given: ContextualCommand) -> Sequence[EventPage]:
        pages = given.events.pages
        request = HandleRequest(command=given.command, next=len(pages))
        for page in pages:
            request.state.CopyFrom(self._after([page], request.state))
        if pages:
            assert_equal([request.state], [self._after(pages, AggregateState())], "event by event")
        return handle_command(self._kind, request).pages

    def _after(self, pages: Sequence[EventPage], state: AggregateState) -> AggregateState:
        request = ApplyRequest(events=EventBook(cover=self._book.events.cover, pages=pages), state=state)
        return apply_events(self._kind, ApplyRequest.FromString(request.SerializeToString())).state
