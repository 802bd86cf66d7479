"""What scenarios share: books of events, and differences that can be read."""

import uuid
from collections.abc import Sequence
from typing import Any

from evented.evented_pb2 import EventBook
from google.protobuf.message import Message

from .._payloads import pack
from ..event import cover

#: The root of the aggregate in a scenario, where none is named.
ROOT = uuid.UUID(int=1)


def book_of(
    events: Sequence[Message], *, first: int = 0, domain: str = "domain", root: uuid.UUID = ROOT
) -> EventBook:
    book = EventBook(cover=cover(domain, root))
    for number, event in enumerate(events):
        book.pages.add(num=first + number, Event=pack(event))
    return book


def assert_equal(found: list[Any], expected: list[Any], how: str = "") -> None:
    if found != expected:
        raise AssertionError(f"expected{' ' + how if how else ''}:{shown(expected)}\nbut it is:{shown(found)}")


def shown(things: Sequence[Any]) -> str:
    return "".join(f"\n  {_line(thing)}" for thing in things) or " nothing"


def _line(thing: Any) -> str:
    if isinstance(thing, Message):
        return f"{thing.DESCRIPTOR.full_name} {{ {' '.join(str(thing).split())} }}"
    return " ".join(str(thing).split())
