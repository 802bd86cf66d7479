import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProjectionRecord(_message.Message):
    __slots__ = ("projection", "updated_at")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    projection: _evented_pb2.Projection
    updated_at: _timestamp_pb2.Timestamp
    def __init__(self, projection: _Optional[_Union[_evented_pb2.Projection, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetProjectionRequest(_message.Message):
    __slots__ = ("projector", "domain", "root", "at_least")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    root: _evented_pb2.UUID
    at_least: _evented_pb2.LogPosition
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ..., at_least: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ...) -> None: ...

class ListProjectionsRequest(_message.Message):
    __slots__ = ("projector", "domain", "page_size", "page_token", "at_least")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    page_size: int
    page_token: bytes
    at_least: _evented_pb2.LogPosition
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ..., at_least: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ...) -> None: ...

class ListProjectionsResponse(_message.Message):
    __slots__ = ("records", "next_page_token")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[ProjectionRecord]
    next_page_token: bytes
    def __init__(self, records: _Optional[_Iterable[_Union[ProjectionRecord, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ...) -> None: ...

class WatchProjectionsRequest(_message.Message):
    __slots__ = ("projector", "domain", "roots", "at_least")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOTS_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    roots: _containers.RepeatedCompositeFieldContainer[_evented_pb2.UUID]
    at_least: _evented_pb2.LogPosition
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., roots: _Optional[_Iterable[_Union[_evented_pb2.UUID, _Mapping]]] = ..., at_least: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ...) -> None: ...
