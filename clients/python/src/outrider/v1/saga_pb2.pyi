import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from outrider.v1 import command_outcome_pb2 as _command_outcome_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SagaInput(_message.Message):
    __slots__ = ("saga", "key", "state", "events", "outcome", "timer")
    SAGA_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TIMER_FIELD_NUMBER: _ClassVar[int]
    saga: str
    key: str
    state: _any_pb2.Any
    events: _evented_pb2.EventBook
    outcome: _command_outcome_pb2.CommandOutcome
    timer: TimerFired
    def __init__(self, saga: _Optional[str] = ..., key: _Optional[str] = ..., state: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., events: _Optional[_Union[_evented_pb2.EventBook, _Mapping]] = ..., outcome: _Optional[_Union[_command_outcome_pb2.CommandOutcome, _Mapping]] = ..., timer: _Optional[_Union[TimerFired, _Mapping]] = ...) -> None: ...

class TimerFired(_message.Message):
    __slots__ = ("name", "due")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    due: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., due: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SagaReaction(_message.Message):
    __slots__ = ("commands", "state", "timers", "cancelled_timers", "finished")
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TIMERS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_TIMERS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[_evented_pb2.CommandBook]
    state: _any_pb2.Any
    timers: _containers.RepeatedCompositeFieldContainer[SagaTimer]
    cancelled_timers: _containers.RepeatedScalarFieldContainer[str]
    finished: bool
    def __init__(self, commands: _Optional[_Iterable[_Union[_evented_pb2.CommandBook, _Mapping]]] = ..., state: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., timers: _Optional[_Iterable[_Union[SagaTimer, _Mapping]]] = ..., cancelled_timers: _Optional[_Iterable[str]] = ..., finished: _Optional[bool] = ...) -> None: ...

class SagaTimer(_message.Message):
    __slots__ = ("name", "after", "due")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    after: _duration_pb2.Duration
    due: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., due: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
