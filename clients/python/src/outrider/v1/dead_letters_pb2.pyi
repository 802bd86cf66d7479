import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeadLetter(_message.Message):
    __slots__ = ("id", "subscription", "domain", "partition", "reason", "set_aside_at", "body_size", "headers", "body")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_AT_FIELD_NUMBER: _ClassVar[int]
    BODY_SIZE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    id: str
    subscription: str
    domain: str
    partition: int
    reason: str
    set_aside_at: _timestamp_pb2.Timestamp
    body_size: int
    headers: _containers.RepeatedCompositeFieldContainer[DeadLetterHeader]
    body: bytes
    def __init__(self, id: _Optional[str] = ..., subscription: _Optional[str] = ..., domain: _Optional[str] = ..., partition: _Optional[int] = ..., reason: _Optional[str] = ..., set_aside_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., body_size: _Optional[int] = ..., headers: _Optional[_Iterable[_Union[DeadLetterHeader, _Mapping]]] = ..., body: _Optional[bytes] = ...) -> None: ...

class DeadLetterHeader(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("subscription", "domain", "limit")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    domain: str
    limit: int
    def __init__(self, subscription: _Optional[str] = ..., domain: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("letters", "has_more")
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    has_more: bool
    def __init__(self, letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., has_more: _Optional[bool] = ...) -> None: ...

class GetDeadLetterRequest(_message.Message):
    __slots__ = ("id", "subscription", "domain")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    id: str
    subscription: str
    domain: str
    def __init__(self, id: _Optional[str] = ..., subscription: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class SettleDeadLettersRequest(_message.Message):
    __slots__ = ("ids", "all", "subscription", "domain")
    IDS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    all: bool
    subscription: str
    domain: str
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., all: _Optional[bool] = ..., subscription: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class SettleDeadLettersResponse(_message.Message):
    __slots__ = ("count", "missing")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    count: int
    missing: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, count: _Optional[int] = ..., missing: _Optional[_Iterable[str]] = ...) -> None: ...
