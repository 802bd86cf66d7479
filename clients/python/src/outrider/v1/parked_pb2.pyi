import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ParkedAggregate(_message.Message):
    __slots__ = ("subscription", "domain", "root", "first_sequence", "code", "reason", "tries", "parked_at")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TRIES_FIELD_NUMBER: _ClassVar[int]
    PARKED_AT_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    domain: str
    root: _evented_pb2.UUID
    first_sequence: int
    code: int
    reason: str
    tries: int
    parked_at: _timestamp_pb2.Timestamp
    def __init__(self, subscription: _Optional[str] = ..., domain: _Optional[str] = ..., root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ..., first_sequence: _Optional[int] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ..., tries: _Optional[int] = ..., parked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListParkedRequest(_message.Message):
    __slots__ = ("subscription", "domain", "page_size", "page_token")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    domain: str
    page_size: int
    page_token: bytes
    def __init__(self, subscription: _Optional[str] = ..., domain: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ...) -> None: ...

class ListParkedResponse(_message.Message):
    __slots__ = ("parked", "next_page_token")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parked: _containers.RepeatedCompositeFieldContainer[ParkedAggregate]
    next_page_token: bytes
    def __init__(self, parked: _Optional[_Iterable[_Union[ParkedAggregate, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ...) -> None: ...

class RetryParkedRequest(_message.Message):
    __slots__ = ("subscription", "domain", "root")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    domain: str
    root: _evented_pb2.UUID
    def __init__(self, subscription: _Optional[str] = ..., domain: _Optional[str] = ..., root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ...) -> None: ...

class SkipParkedRequest(_message.Message):
    __slots__ = ("subscription", "domain", "root", "resume_at")
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    RESUME_AT_FIELD_NUMBER: _ClassVar[int]
    subscription: str
    domain: str
    root: _evented_pb2.UUID
    resume_at: int
    def __init__(self, subscription: _Optional[str] = ..., domain: _Optional[str] = ..., root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ..., resume_at: _Optional[int] = ...) -> None: ...

class ParkedOutcome(_message.Message):
    __slots__ = ("still_parked",)
    STILL_PARKED_FIELD_NUMBER: _ClassVar[int]
    still_parked: ParkedAggregate
    def __init__(self, still_parked: _Optional[_Union[ParkedAggregate, _Mapping]] = ...) -> None: ...
