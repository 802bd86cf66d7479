import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from outrider.v1 import command_outcome_pb2 as _command_outcome_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DispatchRequest(_message.Message):
    __slots__ = ("command", "not_before", "expires_at")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    command: _evented_pb2.CommandBook
    not_before: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, command: _Optional[_Union[_evented_pb2.CommandBook, _Mapping]] = ..., not_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CommandReference(_message.Message):
    __slots__ = ("cover", "command_id")
    COVER_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    cover: _evented_pb2.Cover
    command_id: str
    def __init__(self, cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., command_id: _Optional[str] = ...) -> None: ...

class DispatchReceipt(_message.Message):
    __slots__ = ("reference", "already_dispatched")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ALREADY_DISPATCHED_FIELD_NUMBER: _ClassVar[int]
    reference: CommandReference
    already_dispatched: bool
    def __init__(self, reference: _Optional[_Union[CommandReference, _Mapping]] = ..., already_dispatched: _Optional[bool] = ...) -> None: ...

class CommandStatus(_message.Message):
    __slots__ = ("reference", "dispatched_at", "not_before", "expires_at", "outcome")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    DISPATCHED_AT_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    reference: CommandReference
    dispatched_at: _timestamp_pb2.Timestamp
    not_before: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    outcome: _command_outcome_pb2.CommandOutcome
    def __init__(self, reference: _Optional[_Union[CommandReference, _Mapping]] = ..., dispatched_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., not_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[_command_outcome_pb2.CommandOutcome, _Mapping]] = ...) -> None: ...

class ListCommandsRequest(_message.Message):
    __slots__ = ("domain", "page_size", "page_token")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    domain: str
    page_size: int
    page_token: bytes
    def __init__(self, domain: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ...) -> None: ...

class ListCommandsResponse(_message.Message):
    __slots__ = ("commands", "next_page_token")
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[CommandStatus]
    next_page_token: bytes
    def __init__(self, commands: _Optional[_Iterable[_Union[CommandStatus, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ...) -> None: ...

class WatchCommandsRequest(_message.Message):
    __slots__ = ("domain",)
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    domain: str
    def __init__(self, domain: _Optional[str] = ...) -> None: ...

class DispatchedCommand(_message.Message):
    __slots__ = ("command", "not_before", "expires_at")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    command: _evented_pb2.CommandBook
    not_before: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, command: _Optional[_Union[_evented_pb2.CommandBook, _Mapping]] = ..., not_before: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DueCommand(_message.Message):
    __slots__ = ("command_id", "dispatched")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    DISPATCHED_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    dispatched: int
    def __init__(self, command_id: _Optional[str] = ..., dispatched: _Optional[int] = ...) -> None: ...

class EndedCommand(_message.Message):
    __slots__ = ("command_id", "end", "code", "message", "first_sequence", "event_count", "position", "dispatched")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    DISPATCHED_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    end: _command_outcome_pb2.CommandOutcome.End
    code: int
    message: str
    first_sequence: int
    event_count: int
    position: _evented_pb2.LogPosition
    dispatched: int
    def __init__(self, command_id: _Optional[str] = ..., end: _Optional[_Union[_command_outcome_pb2.CommandOutcome.End, str]] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., first_sequence: _Optional[int] = ..., event_count: _Optional[int] = ..., position: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ..., dispatched: _Optional[int] = ...) -> None: ...
