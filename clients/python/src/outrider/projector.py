"""A projector: the events of one aggregate become its projection, for reading."""

from typing import Any, ClassVar

from evented.evented_pb2 import EventBook, Projection
from google.protobuf.message import Message

from ._payloads import Methods, pack, state_type, unpack, unpack_state

__all__ = ["Projector"]


class Projector:
    """Base of a projector's class. Methods marked with `outrider.apply` change `state`, which is the projection.

    `state` is annotated with its message type. Outrider stores it and hands it back with the next events. Events
    without a method are passed over.
    """

    state: Any

    _applies: ClassVar[Methods]
    _state_type: ClassVar[type[Message]]

    def __init_subclass__(cls) -> None:
        cls._applies = Methods(cls, "apply")
        kind = state_type(cls)
        if kind is None:
            raise TypeError(f"{cls.__name__}: annotate `state` with the message type of the projection")
        cls._state_type = kind

    def __init__(self) -> None:
        self.state = self._state_type()


def project(kind: type[Projector], book: EventBook) -> Projection:
    """What the projector answers for the events of a book."""
    projector = kind()
    unpack_state(book.projection.projection, projector.state)
    for page in book.pages:
        method = projector._applies.find(page.Event.TypeName())
        if method is not None:
            method(projector, unpack(page.Event))
    return Projection(projection=pack(projector.state))
