"""Scenarios of projectors."""

from typing import Self

from google.protobuf.message import Message

from .._payloads import unpack
from ..projector import Projector, project
from ._comparing import assert_equal, book_of


class ProjectorScenario:
    """Given events, then a projection. Events come one by one, and all at once: the projection must be the same."""

    def __init__(self, kind: type[Projector]) -> None:
        self._kind = kind
        self._events: list[Message] = []

    def given(self, *events: Message) -> Self:
        self._events += events
        return self

    def then(self, projection: Message) -> Self:
        at_once = project(self._kind, book_of(self._events))
        one_by_one = project(self._kind, book_of([]))
        for number, event in enumerate(self._events):
            book = book_of([event], first=number)
            book.projection.CopyFrom(one_by_one)
            one_by_one = project(self._kind, book)
        assert_equal([unpack(at_once.projection)], [projection])
        assert_equal([unpack(one_by_one.projection)], [projection], "event by event")
        return self
