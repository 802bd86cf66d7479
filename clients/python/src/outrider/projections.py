"""Reads what a projector has made."""

import uuid
from typing import Generic, TypeVar

from evented.evented_pb2 import UUID, LogPosition
from google.protobuf.message import Message

from .connection import TIMEOUT, Connection
from .errors import Code, Refused
from .event import Position
from .v1.projections_pb2 import GetProjectionRequest

__all__ = ["Projections"]

M = TypeVar("M", bound=Message)


class Projections(Generic[M]):
    """The projections of one projector, of one domain's aggregates."""

    def __init__(
        self, kind: type[M], *, projector: str, domain: str, connection: Connection | None = None
    ) -> None:
        self.kind = kind
        self.projector = projector
        self.domain = domain
        self.connection = connection or Connection()

    def find(
        self, root: uuid.UUID, *, at_least: Position | None = None, timeout: float = TIMEOUT
    ) -> M | None:
        """An aggregate's projection; None if there is none.

        `at_least`, the `position` of a command's answer, makes it include that command's events.
        """
        request = GetProjectionRequest(
            projector=self.projector, domain=self.domain, root=UUID(value=root.bytes))
        if at_least:
            request.at_least.CopyFrom(LogPosition(partition=at_least.partition, number=at_least.number))
        try:
            record = self.connection.projection(request, timeout)
        except Refused as refusal:
            if refusal.code is Code.NOT_FOUND:
                return None
            raise
        found = self.kind()
        if not record.projection.projection.Unpack(found):
            name = record.projection.projection.TypeName()
            raise TypeError(f"projector {self.projector} answers {name}, not {found.DESCRIPTOR.full_name}")
        return found
