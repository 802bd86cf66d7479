import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CommandOutcome(_message.Message):
    __slots__ = ("command", "end", "events", "code", "message", "ended_at")
    class End(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        END_UNSPECIFIED: _ClassVar[CommandOutcome.End]
        APPENDED: _ClassVar[CommandOutcome.End]
        NOTHING_TO_DO: _ClassVar[CommandOutcome.End]
        REFUSED: _ClassVar[CommandOutcome.End]
        EXPIRED: _ClassVar[CommandOutcome.End]
        CANCELLED: _ClassVar[CommandOutcome.End]
    END_UNSPECIFIED: CommandOutcome.End
    APPENDED: CommandOutcome.End
    NOTHING_TO_DO: CommandOutcome.End
    REFUSED: CommandOutcome.End
    EXPIRED: CommandOutcome.End
    CANCELLED: CommandOutcome.End
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    command: _evented_pb2.CommandBook
    end: CommandOutcome.End
    events: _evented_pb2.EventBook
    code: int
    message: str
    ended_at: _timestamp_pb2.Timestamp
    def __init__(self, command: _Optional[_Union[_evented_pb2.CommandBook, _Mapping]] = ..., end: _Optional[_Union[CommandOutcome.End, str]] = ..., events: _Optional[_Union[_evented_pb2.EventBook, _Mapping]] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
