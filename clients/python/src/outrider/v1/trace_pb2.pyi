import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TraceRequest(_message.Message):
    __slots__ = ("event", "command_id", "correlation", "backward_only", "limit")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    BACKWARD_ONLY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    event: EventReference
    command_id: str
    correlation: str
    backward_only: bool
    limit: int
    def __init__(self, event: _Optional[_Union[EventReference, _Mapping]] = ..., command_id: _Optional[str] = ..., correlation: _Optional[str] = ..., backward_only: _Optional[bool] = ..., limit: _Optional[int] = ...) -> None: ...

class EventReference(_message.Message):
    __slots__ = ("cover", "sequence")
    COVER_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    cover: _evented_pb2.Cover
    sequence: int
    def __init__(self, cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., sequence: _Optional[int] = ...) -> None: ...

class TraceNode(_message.Message):
    __slots__ = ("number", "parent", "cover", "first", "count", "event_types", "command_id", "correlation", "position", "recorded_at", "cause_sequence", "is_start", "truncated")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    COVER_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    IS_START_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    number: int
    parent: int
    cover: _evented_pb2.Cover
    first: int
    count: int
    event_types: _containers.RepeatedScalarFieldContainer[str]
    command_id: str
    correlation: str
    position: _evented_pb2.LogPosition
    recorded_at: _timestamp_pb2.Timestamp
    cause_sequence: int
    is_start: bool
    truncated: bool
    def __init__(self, number: _Optional[int] = ..., parent: _Optional[int] = ..., cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., first: _Optional[int] = ..., count: _Optional[int] = ..., event_types: _Optional[_Iterable[str]] = ..., command_id: _Optional[str] = ..., correlation: _Optional[str] = ..., position: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause_sequence: _Optional[int] = ..., is_start: _Optional[bool] = ..., truncated: _Optional[bool] = ...) -> None: ...
