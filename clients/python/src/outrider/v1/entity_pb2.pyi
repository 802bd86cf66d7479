from evented import evented_pb2 as _evented_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AggregateState(_message.Message):
    __slots__ = ("root", "members")
    class MembersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _any_pb2.Any
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...
    ROOT_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    root: _any_pb2.Any
    members: _containers.MessageMap[str, _any_pb2.Any]
    def __init__(self, root: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., members: _Optional[_Mapping[str, _any_pb2.Any]] = ...) -> None: ...

class HandleRequest(_message.Message):
    __slots__ = ("command", "state", "next")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    command: _evented_pb2.CommandBook
    state: AggregateState
    next: int
    def __init__(self, command: _Optional[_Union[_evented_pb2.CommandBook, _Mapping]] = ..., state: _Optional[_Union[AggregateState, _Mapping]] = ..., next: _Optional[int] = ...) -> None: ...

class HandleResponse(_message.Message):
    __slots__ = ("pages",)
    PAGES_FIELD_NUMBER: _ClassVar[int]
    pages: _containers.RepeatedCompositeFieldContainer[_evented_pb2.EventPage]
    def __init__(self, pages: _Optional[_Iterable[_Union[_evented_pb2.EventPage, _Mapping]]] = ...) -> None: ...

class ApplyRequest(_message.Message):
    __slots__ = ("events", "state")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    events: _evented_pb2.EventBook
    state: AggregateState
    def __init__(self, events: _Optional[_Union[_evented_pb2.EventBook, _Mapping]] = ..., state: _Optional[_Union[AggregateState, _Mapping]] = ...) -> None: ...

class ApplyResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: AggregateState
    def __init__(self, state: _Optional[_Union[AggregateState, _Mapping]] = ...) -> None: ...
