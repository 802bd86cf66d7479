import datetime

from evented import evented_pb2 as _evented_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from outrider.v1 import log_pb2 as _log_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubscriptionStart(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBSCRIPTION_START_UNSPECIFIED: _ClassVar[SubscriptionStart]
    SUBSCRIPTION_START_BEGINNING: _ClassVar[SubscriptionStart]
    SUBSCRIPTION_START_HEAD: _ClassVar[SubscriptionStart]
SUBSCRIPTION_START_UNSPECIFIED: SubscriptionStart
SUBSCRIPTION_START_BEGINNING: SubscriptionStart
SUBSCRIPTION_START_HEAD: SubscriptionStart

class SubscribeRequest(_message.Message):
    __slots__ = ("begin", "acknowledgements")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    begin: SubscriptionBegin
    acknowledgements: _containers.RepeatedCompositeFieldContainer[Acknowledgement]
    def __init__(self, begin: _Optional[_Union[SubscriptionBegin, _Mapping]] = ..., acknowledgements: _Optional[_Iterable[_Union[Acknowledgement, _Mapping]]] = ...) -> None: ...

class SubscriptionBegin(_message.Message):
    __slots__ = ("name", "domains", "event_types", "start", "lanes", "window")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    name: str
    domains: _containers.RepeatedScalarFieldContainer[str]
    event_types: _containers.RepeatedScalarFieldContainer[str]
    start: SubscriptionStart
    lanes: int
    window: int
    def __init__(self, name: _Optional[str] = ..., domains: _Optional[_Iterable[str]] = ..., event_types: _Optional[_Iterable[str]] = ..., start: _Optional[_Union[SubscriptionStart, str]] = ..., lanes: _Optional[int] = ..., window: _Optional[int] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("domain", "position", "lane")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    domain: str
    position: _log_pb2.Position
    lane: int
    def __init__(self, domain: _Optional[str] = ..., position: _Optional[_Union[_log_pb2.Position, _Mapping]] = ..., lane: _Optional[int] = ...) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("delivery", "assignment")
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    delivery: SubscriptionDelivery
    assignment: LaneAssignment
    def __init__(self, delivery: _Optional[_Union[SubscriptionDelivery, _Mapping]] = ..., assignment: _Optional[_Union[LaneAssignment, _Mapping]] = ...) -> None: ...

class SubscriptionDelivery(_message.Message):
    __slots__ = ("domain", "position", "lane", "book", "commit_id", "damage")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    BOOK_FIELD_NUMBER: _ClassVar[int]
    COMMIT_ID_FIELD_NUMBER: _ClassVar[int]
    DAMAGE_FIELD_NUMBER: _ClassVar[int]
    domain: str
    position: _log_pb2.Position
    lane: int
    book: _evented_pb2.EventBook
    commit_id: bytes
    damage: str
    def __init__(self, domain: _Optional[str] = ..., position: _Optional[_Union[_log_pb2.Position, _Mapping]] = ..., lane: _Optional[int] = ..., book: _Optional[_Union[_evented_pb2.EventBook, _Mapping]] = ..., commit_id: _Optional[bytes] = ..., damage: _Optional[str] = ...) -> None: ...

class LaneAssignment(_message.Message):
    __slots__ = ("domain", "partition", "lane", "held", "checkpoint")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    domain: str
    partition: int
    lane: int
    held: bool
    checkpoint: int
    def __init__(self, domain: _Optional[str] = ..., partition: _Optional[int] = ..., lane: _Optional[int] = ..., held: _Optional[bool] = ..., checkpoint: _Optional[int] = ...) -> None: ...

class ListSubscriptionsRequest(_message.Message):
    __slots__ = ("domain", "page_size", "page_token")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    domain: str
    page_size: int
    page_token: bytes
    def __init__(self, domain: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ...) -> None: ...

class ListSubscriptionsResponse(_message.Message):
    __slots__ = ("subscriptions", "next_page_token")
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[SubscriptionStatus]
    next_page_token: bytes
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[SubscriptionStatus, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ...) -> None: ...

class SubscriptionStatus(_message.Message):
    __slots__ = ("name", "domain", "lanes", "created_at", "progress")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    domain: str
    lanes: int
    created_at: _timestamp_pb2.Timestamp
    progress: _containers.RepeatedCompositeFieldContainer[LaneStatus]
    def __init__(self, name: _Optional[str] = ..., domain: _Optional[str] = ..., lanes: _Optional[int] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., progress: _Optional[_Iterable[_Union[LaneStatus, _Mapping]]] = ...) -> None: ...

class LaneStatus(_message.Message):
    __slots__ = ("partition", "lane", "checkpoint", "head")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    partition: int
    lane: int
    checkpoint: int
    head: int
    def __init__(self, partition: _Optional[int] = ..., lane: _Optional[int] = ..., checkpoint: _Optional[int] = ..., head: _Optional[int] = ...) -> None: ...

class DeleteSubscriptionRequest(_message.Message):
    __slots__ = ("name", "domain")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    name: str
    domain: str
    def __init__(self, name: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class DeleteSubscriptionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SeekSubscriptionRequest(_message.Message):
    __slots__ = ("name", "domain", "start", "after", "lanes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    name: str
    domain: str
    start: SubscriptionStart
    after: _containers.RepeatedCompositeFieldContainer[_log_pb2.Position]
    lanes: int
    def __init__(self, name: _Optional[str] = ..., domain: _Optional[str] = ..., start: _Optional[_Union[SubscriptionStart, str]] = ..., after: _Optional[_Iterable[_Union[_log_pb2.Position, _Mapping]]] = ..., lanes: _Optional[int] = ...) -> None: ...

class SeekSubscriptionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
