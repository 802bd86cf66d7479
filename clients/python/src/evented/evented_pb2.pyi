import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UUID(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: bytes
    def __init__(self, value: _Optional[bytes] = ...) -> None: ...

class Cover(_message.Message):
    __slots__ = ("root", "domain")
    ROOT_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    root: UUID
    domain: str
    def __init__(self, root: _Optional[_Union[UUID, _Mapping]] = ..., domain: _Optional[str] = ...) -> None: ...

class EventPage(_message.Message):
    __slots__ = ("num", "force", "createdAt", "Event", "synchronous", "entity")
    NUM_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    CREATEDAT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONOUS_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    num: int
    force: bool
    createdAt: _timestamp_pb2.Timestamp
    Event: _any_pb2.Any
    synchronous: bool
    entity: str
    def __init__(self, num: _Optional[int] = ..., force: _Optional[bool] = ..., createdAt: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., Event: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., synchronous: _Optional[bool] = ..., entity: _Optional[str] = ...) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("sequence", "state")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    state: _any_pb2.Any
    def __init__(self, sequence: _Optional[int] = ..., state: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class EventBook(_message.Message):
    __slots__ = ("cover", "snapshot", "pages", "command_id", "correlation", "cause", "headers", "expected", "projection", "position")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    COVER_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    cover: Cover
    snapshot: Snapshot
    pages: _containers.RepeatedCompositeFieldContainer[EventPage]
    command_id: str
    correlation: str
    cause: Cause
    headers: _containers.ScalarMap[str, str]
    expected: ExpectedSequence
    projection: Projection
    position: LogPosition
    def __init__(self, cover: _Optional[_Union[Cover, _Mapping]] = ..., snapshot: _Optional[_Union[Snapshot, _Mapping]] = ..., pages: _Optional[_Iterable[_Union[EventPage, _Mapping]]] = ..., command_id: _Optional[str] = ..., correlation: _Optional[str] = ..., cause: _Optional[_Union[Cause, _Mapping]] = ..., headers: _Optional[_Mapping[str, str]] = ..., expected: _Optional[_Union[ExpectedSequence, _Mapping]] = ..., projection: _Optional[_Union[Projection, _Mapping]] = ..., position: _Optional[_Union[LogPosition, _Mapping]] = ...) -> None: ...

class CommandPage(_message.Message):
    __slots__ = ("sequence", "synchronous", "command", "entity")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONOUS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    synchronous: bool
    command: _any_pb2.Any
    entity: str
    def __init__(self, sequence: _Optional[int] = ..., synchronous: _Optional[bool] = ..., command: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., entity: _Optional[str] = ...) -> None: ...

class CommandBook(_message.Message):
    __slots__ = ("cover", "pages", "command_id", "correlation", "cause", "headers", "expected")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    COVER_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    cover: Cover
    pages: _containers.RepeatedCompositeFieldContainer[CommandPage]
    command_id: str
    correlation: str
    cause: Cause
    headers: _containers.ScalarMap[str, str]
    expected: ExpectedSequence
    def __init__(self, cover: _Optional[_Union[Cover, _Mapping]] = ..., pages: _Optional[_Iterable[_Union[CommandPage, _Mapping]]] = ..., command_id: _Optional[str] = ..., correlation: _Optional[str] = ..., cause: _Optional[_Union[Cause, _Mapping]] = ..., headers: _Optional[_Mapping[str, str]] = ..., expected: _Optional[_Union[ExpectedSequence, _Mapping]] = ...) -> None: ...

class ContextualCommand(_message.Message):
    __slots__ = ("events", "command")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    events: EventBook
    command: CommandBook
    def __init__(self, events: _Optional[_Union[EventBook, _Mapping]] = ..., command: _Optional[_Union[CommandBook, _Mapping]] = ...) -> None: ...

class ExpectedSequence(_message.Message):
    __slots__ = ("next",)
    NEXT_FIELD_NUMBER: _ClassVar[int]
    next: int
    def __init__(self, next: _Optional[int] = ...) -> None: ...

class Cause(_message.Message):
    __slots__ = ("cover", "sequence", "command_id", "depth")
    COVER_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    cover: Cover
    sequence: int
    command_id: str
    depth: int
    def __init__(self, cover: _Optional[_Union[Cover, _Mapping]] = ..., sequence: _Optional[int] = ..., command_id: _Optional[str] = ..., depth: _Optional[int] = ...) -> None: ...

class Projection(_message.Message):
    __slots__ = ("cover", "projector", "sequence", "projection")
    COVER_FIELD_NUMBER: _ClassVar[int]
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    cover: Cover
    projector: str
    sequence: int
    projection: _any_pb2.Any
    def __init__(self, cover: _Optional[_Union[Cover, _Mapping]] = ..., projector: _Optional[str] = ..., sequence: _Optional[int] = ..., projection: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...

class ProcessorFailure(_message.Message):
    __slots__ = ("processor", "code", "message", "cover")
    PROCESSOR_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    COVER_FIELD_NUMBER: _ClassVar[int]
    processor: str
    code: int
    message: str
    cover: Cover
    def __init__(self, processor: _Optional[str] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., cover: _Optional[_Union[Cover, _Mapping]] = ...) -> None: ...

class SynchronousProcessingResponse(_message.Message):
    __slots__ = ("books", "projections", "failures", "already_handled", "position")
    BOOKS_FIELD_NUMBER: _ClassVar[int]
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    ALREADY_HANDLED_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    books: _containers.RepeatedCompositeFieldContainer[EventBook]
    projections: _containers.RepeatedCompositeFieldContainer[Projection]
    failures: _containers.RepeatedCompositeFieldContainer[ProcessorFailure]
    already_handled: bool
    position: LogPosition
    def __init__(self, books: _Optional[_Iterable[_Union[EventBook, _Mapping]]] = ..., projections: _Optional[_Iterable[_Union[Projection, _Mapping]]] = ..., failures: _Optional[_Iterable[_Union[ProcessorFailure, _Mapping]]] = ..., already_handled: _Optional[bool] = ..., position: _Optional[_Union[LogPosition, _Mapping]] = ...) -> None: ...

class LogPosition(_message.Message):
    __slots__ = ("partition", "number")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    partition: int
    number: int
    def __init__(self, partition: _Optional[int] = ..., number: _Optional[int] = ...) -> None: ...

class Query(_message.Message):
    __slots__ = ("domain", "root", "lowerBound", "upperBound")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    LOWERBOUND_FIELD_NUMBER: _ClassVar[int]
    UPPERBOUND_FIELD_NUMBER: _ClassVar[int]
    domain: str
    root: UUID
    lowerBound: int
    upperBound: int
    def __init__(self, domain: _Optional[str] = ..., root: _Optional[_Union[UUID, _Mapping]] = ..., lowerBound: _Optional[int] = ..., upperBound: _Optional[int] = ...) -> None: ...

class AggregateRoot(_message.Message):
    __slots__ = ("domain", "root")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    domain: str
    root: UUID
    def __init__(self, domain: _Optional[str] = ..., root: _Optional[_Union[UUID, _Mapping]] = ...) -> None: ...
