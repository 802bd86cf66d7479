import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SchemaKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCHEMA_KIND_UNSPECIFIED: _ClassVar[SchemaKind]
    SCHEMA_KIND_AVRO: _ClassVar[SchemaKind]
    SCHEMA_KIND_PROTOBUF: _ClassVar[SchemaKind]

class SchemaCompatibility(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCHEMA_COMPATIBILITY_UNSPECIFIED: _ClassVar[SchemaCompatibility]
    SCHEMA_COMPATIBILITY_BACKWARD: _ClassVar[SchemaCompatibility]
    SCHEMA_COMPATIBILITY_FORWARD: _ClassVar[SchemaCompatibility]
    SCHEMA_COMPATIBILITY_FULL: _ClassVar[SchemaCompatibility]
    SCHEMA_COMPATIBILITY_NONE: _ClassVar[SchemaCompatibility]
SCHEMA_KIND_UNSPECIFIED: SchemaKind
SCHEMA_KIND_AVRO: SchemaKind
SCHEMA_KIND_PROTOBUF: SchemaKind
SCHEMA_COMPATIBILITY_UNSPECIFIED: SchemaCompatibility
SCHEMA_COMPATIBILITY_BACKWARD: SchemaCompatibility
SCHEMA_COMPATIBILITY_FORWARD: SchemaCompatibility
SCHEMA_COMPATIBILITY_FULL: SchemaCompatibility
SCHEMA_COMPATIBILITY_NONE: SchemaCompatibility

class SchemaRegistered(_message.Message):
    __slots__ = ("kind", "schema", "compatibility")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    COMPATIBILITY_FIELD_NUMBER: _ClassVar[int]
    kind: SchemaKind
    schema: bytes
    compatibility: SchemaCompatibility
    def __init__(self, kind: _Optional[_Union[SchemaKind, str]] = ..., schema: _Optional[bytes] = ..., compatibility: _Optional[_Union[SchemaCompatibility, str]] = ...) -> None: ...

class SchemaVersion(_message.Message):
    __slots__ = ("number", "registered_at", "registered", "types")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_AT_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    number: int
    registered_at: _timestamp_pb2.Timestamp
    registered: SchemaRegistered
    types: _containers.RepeatedCompositeFieldContainer[SchemaType]
    def __init__(self, number: _Optional[int] = ..., registered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., registered: _Optional[_Union[SchemaRegistered, _Mapping]] = ..., types: _Optional[_Iterable[_Union[SchemaType, _Mapping]]] = ...) -> None: ...

class SchemaType(_message.Message):
    __slots__ = ("name", "fingerprint")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    name: str
    fingerprint: str
    def __init__(self, name: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class GetSchemaRequest(_message.Message):
    __slots__ = ("domain", "number", "fingerprint")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    domain: str
    number: int
    fingerprint: str
    def __init__(self, domain: _Optional[str] = ..., number: _Optional[int] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class SchemaHistoryRequest(_message.Message):
    __slots__ = ("domain",)
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    domain: str
    def __init__(self, domain: _Optional[str] = ...) -> None: ...

class SchemaHistoryResponse(_message.Message):
    __slots__ = ("versions",)
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[SchemaVersion]
    def __init__(self, versions: _Optional[_Iterable[_Union[SchemaVersion, _Mapping]]] = ...) -> None: ...

class CheckSchemaRequest(_message.Message):
    __slots__ = ("domain", "schema", "compatibility")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    COMPATIBILITY_FIELD_NUMBER: _ClassVar[int]
    domain: str
    schema: bytes
    compatibility: SchemaCompatibility
    def __init__(self, domain: _Optional[str] = ..., schema: _Optional[bytes] = ..., compatibility: _Optional[_Union[SchemaCompatibility, str]] = ...) -> None: ...

class SchemaReport(_message.Message):
    __slots__ = ("reasons", "findings", "events_read", "done")
    REASONS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_READ_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    findings: _containers.RepeatedCompositeFieldContainer[SchemaFinding]
    events_read: int
    done: bool
    def __init__(self, reasons: _Optional[_Iterable[str]] = ..., findings: _Optional[_Iterable[_Union[SchemaFinding, _Mapping]]] = ..., events_read: _Optional[int] = ..., done: _Optional[bool] = ...) -> None: ...

class SchemaFinding(_message.Message):
    __slots__ = ("type", "count", "first_position", "first_cover", "first_sequence", "reason")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_POSITION_FIELD_NUMBER: _ClassVar[int]
    FIRST_COVER_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    type: str
    count: int
    first_position: _evented_pb2.LogPosition
    first_cover: _evented_pb2.Cover
    first_sequence: int
    reason: str
    def __init__(self, type: _Optional[str] = ..., count: _Optional[int] = ..., first_position: _Optional[_Union[_evented_pb2.LogPosition, _Mapping]] = ..., first_cover: _Optional[_Union[_evented_pb2.Cover, _Mapping]] = ..., first_sequence: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
