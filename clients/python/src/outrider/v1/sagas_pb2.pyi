import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from outrider.v1 import command_outcome_pb2 as _command_outcome_pb2
from outrider.v1 import saga_pb2 as _saga_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListSagaInstancesRequest(_message.Message):
    __slots__ = ("saga", "unfinished", "page_size", "page_token")
    SAGA_FIELD_NUMBER: _ClassVar[int]
    UNFINISHED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    saga: str
    unfinished: bool
    page_size: int
    page_token: bytes
    def __init__(self, saga: _Optional[str] = ..., unfinished: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ...) -> None: ...

class ListSagaInstancesResponse(_message.Message):
    __slots__ = ("instances", "next_page_token")
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    instances: _containers.RepeatedCompositeFieldContainer[SagaInstance]
    next_page_token: bytes
    def __init__(self, instances: _Optional[_Iterable[_Union[SagaInstance, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ...) -> None: ...

class GetSagaInstanceRequest(_message.Message):
    __slots__ = ("saga", "key")
    SAGA_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    saga: str
    key: str
    def __init__(self, saga: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class SagaInstance(_message.Message):
    __slots__ = ("saga", "root", "state", "steps")
    SAGA_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    saga: str
    root: _evented_pb2.UUID
    state: SagaState
    steps: _containers.RepeatedCompositeFieldContainer[RecordedSagaStep]
    def __init__(self, saga: _Optional[str] = ..., root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ..., state: _Optional[_Union[SagaState, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[RecordedSagaStep, _Mapping]]] = ...) -> None: ...

class RecordedSagaStep(_message.Message):
    __slots__ = ("sequence", "recorded_at", "step")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    recorded_at: _timestamp_pb2.Timestamp
    step: SagaStep
    def __init__(self, sequence: _Optional[int] = ..., recorded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., step: _Optional[_Union[SagaStep, _Mapping]] = ...) -> None: ...

class SagaStep(_message.Message):
    __slots__ = ("events", "outcome", "timer", "commands", "timers", "cancelled_timers", "finished", "depth", "waiting", "queued_commands")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TIMER_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    TIMERS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_TIMERS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    QUEUED_COMMANDS_FIELD_NUMBER: _ClassVar[int]
    events: EventSpan
    outcome: SagaCommandEnd
    timer: DueTimer
    commands: _containers.RepeatedCompositeFieldContainer[_evented_pb2.CommandBook]
    timers: _containers.RepeatedCompositeFieldContainer[DueTimer]
    cancelled_timers: _containers.RepeatedCompositeFieldContainer[DueTimer]
    finished: bool
    depth: int
    waiting: _saga_pb2.SagaInput
    queued_commands: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, events: _Optional[_Union[EventSpan, _Mapping]] = ..., outcome: _Optional[_Union[SagaCommandEnd, _Mapping]] = ..., timer: _Optional[_Union[DueTimer, _Mapping]] = ..., commands: _Optional[_Iterable[_Union[_evented_pb2.CommandBook, _Mapping]]] = ..., timers: _Optional[_Iterable[_Union[DueTimer, _Mapping]]] = ..., cancelled_timers: _Optional[_Iterable[_Union[DueTimer, _Mapping]]] = ..., finished: _Optional[bool] = ..., depth: _Optional[int] = ..., waiting: _Optional[_Union[_saga_pb2.SagaInput, _Mapping]] = ..., queued_commands: _Optional[_Iterable[int]] = ...) -> None: ...

class EventSpan(_message.Message):
    __slots__ = ("cover", "first", "count")
    COVER_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    cover: _evented_pb2.Cover
    first: int
    count: int
    def __init__(self, cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., first: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class SagaCommandEnd(_message.Message):
    __slots__ = ("command", "end", "code", "message", "first", "count", "position", "ended_at")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    command: PendingCommand
    end: _command_outcome_pb2.CommandOutcome.End
    code: int
    message: str
    first: int
    count: int
    position: _evented_pb2.LogPosition
    ended_at: _timestamp_pb2.Timestamp
    def __init__(self, command: _Optional[_Union[PendingCommand, _Mapping]] = ..., end: _Optional[_Union[_command_outcome_pb2.CommandOutcome.End, str]] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., first: _Optional[int] = ..., count: _Optional[int] = ..., position: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DueTimer(_message.Message):
    __slots__ = ("name", "due", "set_by", "index")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    name: str
    due: _timestamp_pb2.Timestamp
    set_by: int
    index: int
    def __init__(self, name: _Optional[str] = ..., due: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., set_by: _Optional[int] = ..., index: _Optional[int] = ...) -> None: ...

class PendingCommand(_message.Message):
    __slots__ = ("sequence", "index", "cover", "command_id")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    COVER_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    index: int
    cover: _evented_pb2.Cover
    command_id: str
    def __init__(self, sequence: _Optional[int] = ..., index: _Optional[int] = ..., cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., command_id: _Optional[str] = ...) -> None: ...

class SagaState(_message.Message):
    __slots__ = ("key", "state", "pending", "timers", "finished", "waiting_until", "started_at")
    KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    TIMERS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    WAITING_UNTIL_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    key: str
    state: _any_pb2.Any
    pending: _containers.RepeatedCompositeFieldContainer[PendingCommand]
    timers: _containers.RepeatedCompositeFieldContainer[DueTimer]
    finished: bool
    waiting_until: int
    started_at: _timestamp_pb2.Timestamp
    def __init__(self, key: _Optional[str] = ..., state: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., pending: _Optional[_Iterable[_Union[PendingCommand, _Mapping]]] = ..., timers: _Optional[_Iterable[_Union[DueTimer, _Mapping]]] = ..., finished: _Optional[bool] = ..., waiting_until: _Optional[int] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
