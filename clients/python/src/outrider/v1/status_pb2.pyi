import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from outrider.v1 import parked_pb2 as _parked_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ProcessStatus(_message.Message):
    __slots__ = ("process", "version", "now", "started_at", "roles", "store", "logic", "broker", "followers", "certificates", "histories", "findings", "domains_left_out")
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    LOGIC_FIELD_NUMBER: _ClassVar[int]
    BROKER_FIELD_NUMBER: _ClassVar[int]
    FOLLOWERS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    HISTORIES_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    process: str
    version: str
    now: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    roles: _containers.RepeatedCompositeFieldContainer[RoleStatus]
    store: StoreStatus
    logic: _containers.RepeatedCompositeFieldContainer[LogicStatus]
    broker: BrokerStatus
    followers: _containers.RepeatedCompositeFieldContainer[FollowerStatus]
    certificates: _containers.RepeatedCompositeFieldContainer[CertificateStatus]
    histories: _containers.RepeatedCompositeFieldContainer[HistoryStatus]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    domains_left_out: int
    def __init__(self, process: _Optional[str] = ..., version: _Optional[str] = ..., now: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., roles: _Optional[_Iterable[_Union[RoleStatus, _Mapping]]] = ..., store: _Optional[_Union[StoreStatus, _Mapping]] = ..., logic: _Optional[_Iterable[_Union[LogicStatus, _Mapping]]] = ..., broker: _Optional[_Union[BrokerStatus, _Mapping]] = ..., followers: _Optional[_Iterable[_Union[FollowerStatus, _Mapping]]] = ..., certificates: _Optional[_Iterable[_Union[CertificateStatus, _Mapping]]] = ..., histories: _Optional[_Iterable[_Union[HistoryStatus, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., domains_left_out: _Optional[int] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("severity", "code", "what", "where", "action")
    class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SEVERITY_UNSPECIFIED: _ClassVar[Finding.Severity]
        WARNING: _ClassVar[Finding.Severity]
        FAILING: _ClassVar[Finding.Severity]
    SEVERITY_UNSPECIFIED: Finding.Severity
    WARNING: Finding.Severity
    FAILING: Finding.Severity
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    severity: Finding.Severity
    code: str
    what: str
    where: str
    action: str
    def __init__(self, severity: _Optional[_Union[Finding.Severity, str]] = ..., code: _Optional[str] = ..., what: _Optional[str] = ..., where: _Optional[str] = ..., action: _Optional[str] = ...) -> None: ...

class RoleStatus(_message.Message):
    __slots__ = ("role", "address", "serving")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SERVING_FIELD_NUMBER: _ClassVar[int]
    role: str
    address: str
    serving: bool
    def __init__(self, role: _Optional[str] = ..., address: _Optional[str] = ..., serving: _Optional[bool] = ...) -> None: ...

class StoreStatus(_message.Message):
    __slots__ = ("kind", "place", "reachable", "error", "latency_us", "takes_commits", "free_bytes", "total_bytes", "has_clock", "clock_offset_us", "clock_error_us")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    REACHABLE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    LATENCY_US_FIELD_NUMBER: _ClassVar[int]
    TAKES_COMMITS_FIELD_NUMBER: _ClassVar[int]
    FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    HAS_CLOCK_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_US_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_US_FIELD_NUMBER: _ClassVar[int]
    kind: str
    place: str
    reachable: bool
    error: str
    latency_us: int
    takes_commits: bool
    free_bytes: int
    total_bytes: int
    has_clock: bool
    clock_offset_us: int
    clock_error_us: int
    def __init__(self, kind: _Optional[str] = ..., place: _Optional[str] = ..., reachable: _Optional[bool] = ..., error: _Optional[str] = ..., latency_us: _Optional[int] = ..., takes_commits: _Optional[bool] = ..., free_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ..., has_clock: _Optional[bool] = ..., clock_offset_us: _Optional[int] = ..., clock_error_us: _Optional[int] = ...) -> None: ...

class LogicStatus(_message.Message):
    __slots__ = ("address", "purpose", "reachable", "slow", "error", "latency_us")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REACHABLE_FIELD_NUMBER: _ClassVar[int]
    SLOW_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    LATENCY_US_FIELD_NUMBER: _ClassVar[int]
    address: str
    purpose: str
    reachable: bool
    slow: bool
    error: str
    latency_us: int
    def __init__(self, address: _Optional[str] = ..., purpose: _Optional[str] = ..., reachable: _Optional[bool] = ..., slow: _Optional[bool] = ..., error: _Optional[str] = ..., latency_us: _Optional[int] = ...) -> None: ...

class BrokerStatus(_message.Message):
    __slots__ = ("name", "place")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    name: str
    place: str
    def __init__(self, name: _Optional[str] = ..., place: _Optional[str] = ...) -> None: ...

class FollowerStatus(_message.Message):
    __slots__ = ("kind", "name", "domain", "partition", "checkpoint", "head", "lag_ms", "lease", "parked", "first_parked", "refused", "circuit_open", "channel_failure", "set_aside", "error", "set_aside_at", "waits_for", "dead_letters", "timers")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[FollowerStatus.Kind]
        PROJECTOR: _ClassVar[FollowerStatus.Kind]
        RELAY: _ClassVar[FollowerStatus.Kind]
        SUBSCRIPTION: _ClassVar[FollowerStatus.Kind]
        SAGA: _ClassVar[FollowerStatus.Kind]
        CARRIER: _ClassVar[FollowerStatus.Kind]
    KIND_UNSPECIFIED: FollowerStatus.Kind
    PROJECTOR: FollowerStatus.Kind
    RELAY: FollowerStatus.Kind
    SUBSCRIPTION: FollowerStatus.Kind
    SAGA: FollowerStatus.Kind
    CARRIER: FollowerStatus.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    LAG_MS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    FIRST_PARKED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_OPEN_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FAILURE_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_AT_FIELD_NUMBER: _ClassVar[int]
    WAITS_FOR_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    TIMERS_FIELD_NUMBER: _ClassVar[int]
    kind: FollowerStatus.Kind
    name: str
    domain: str
    partition: int
    checkpoint: int
    head: int
    lag_ms: int
    lease: LeaseStatus
    parked: int
    first_parked: _parked_pb2.ParkedAggregate
    refused: _containers.RepeatedCompositeFieldContainer[_parked_pb2.ParkedAggregate]
    circuit_open: bool
    channel_failure: ChannelFailure
    set_aside: int
    error: str
    set_aside_at: _timestamp_pb2.Timestamp
    waits_for: _containers.RepeatedCompositeFieldContainer[AwayDomain]
    dead_letters: int
    timers: TimerStatus
    def __init__(self, kind: _Optional[_Union[FollowerStatus.Kind, str]] = ..., name: _Optional[str] = ..., domain: _Optional[str] = ..., partition: _Optional[int] = ..., checkpoint: _Optional[int] = ..., head: _Optional[int] = ..., lag_ms: _Optional[int] = ..., lease: _Optional[_Union[LeaseStatus, _Mapping]] = ..., parked: _Optional[int] = ..., first_parked: _Optional[_Union[_parked_pb2.ParkedAggregate, _Mapping]] = ..., refused: _Optional[_Iterable[_Union[_parked_pb2.ParkedAggregate, _Mapping]]] = ..., circuit_open: _Optional[bool] = ..., channel_failure: _Optional[_Union[ChannelFailure, _Mapping]] = ..., set_aside: _Optional[int] = ..., error: _Optional[str] = ..., set_aside_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., waits_for: _Optional[_Iterable[_Union[AwayDomain, _Mapping]]] = ..., dead_letters: _Optional[int] = ..., timers: _Optional[_Union[TimerStatus, _Mapping]] = ...) -> None: ...

class TimerStatus(_message.Message):
    __slots__ = ("set", "due")
    SET_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    set: int
    due: int
    def __init__(self, set: _Optional[int] = ..., due: _Optional[int] = ...) -> None: ...

class AwayDomain(_message.Message):
    __slots__ = ("domain", "reason")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    domain: str
    reason: str
    def __init__(self, domain: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class LeaseStatus(_message.Message):
    __slots__ = ("holder", "since", "changes", "changes_lately")
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_LATELY_FIELD_NUMBER: _ClassVar[int]
    holder: str
    since: _timestamp_pb2.Timestamp
    changes: int
    changes_lately: int
    def __init__(self, holder: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changes: _Optional[int] = ..., changes_lately: _Optional[int] = ...) -> None: ...

class ChannelFailure(_message.Message):
    __slots__ = ("kind", "message")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[ChannelFailure.Kind]
        UNAVAILABLE: _ClassVar[ChannelFailure.Kind]
        UNROUTABLE: _ClassVar[ChannelFailure.Kind]
        REFUSED: _ClassVar[ChannelFailure.Kind]
        NOT_PERMITTED: _ClassVar[ChannelFailure.Kind]
    KIND_UNSPECIFIED: ChannelFailure.Kind
    UNAVAILABLE: ChannelFailure.Kind
    UNROUTABLE: ChannelFailure.Kind
    REFUSED: ChannelFailure.Kind
    NOT_PERMITTED: ChannelFailure.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    kind: ChannelFailure.Kind
    message: str
    def __init__(self, kind: _Optional[_Union[ChannelFailure.Kind, str]] = ..., message: _Optional[str] = ...) -> None: ...

class CertificateStatus(_message.Message):
    __slots__ = ("purpose", "file", "expires_at", "error")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    file: str
    expires_at: _timestamp_pb2.Timestamp
    error: str
    def __init__(self, purpose: _Optional[str] = ..., file: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[str] = ...) -> None: ...

class HistoryStatus(_message.Message):
    __slots__ = ("domain", "root", "events", "bytes")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    domain: str
    root: str
    events: int
    bytes: int
    def __init__(self, domain: _Optional[str] = ..., root: _Optional[str] = ..., events: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...
