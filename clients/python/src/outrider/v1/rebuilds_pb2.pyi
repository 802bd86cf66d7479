from evented import evented_pb2 as _evented_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RebuildTarget(_message.Message):
    __slots__ = ("projector", "domain")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class StartRebuildRequest(_message.Message):
    __slots__ = ("projector", "domain", "events_per_second")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    events_per_second: int
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., events_per_second: _Optional[int] = ...) -> None: ...

class SwitchRebuildRequest(_message.Message):
    __slots__ = ("projector", "domain", "even_if_parked")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    EVEN_IF_PARKED_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    even_if_parked: bool
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., even_if_parked: _Optional[bool] = ...) -> None: ...

class DropRebuildRequest(_message.Message):
    __slots__ = ("projector", "domain", "generation")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    generation: int
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class RebuildState(_message.Message):
    __slots__ = ("projector", "domain", "generations", "heads")
    PROJECTOR_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    GENERATIONS_FIELD_NUMBER: _ClassVar[int]
    HEADS_FIELD_NUMBER: _ClassVar[int]
    projector: str
    domain: str
    generations: _containers.RepeatedCompositeFieldContainer[ProjectionGeneration]
    heads: _containers.RepeatedCompositeFieldContainer[_evented_pb2.LogPosition]
    def __init__(self, projector: _Optional[str] = ..., domain: _Optional[str] = ..., generations: _Optional[_Iterable[_Union[ProjectionGeneration, _Mapping]]] = ..., heads: _Optional[_Iterable[_Union[_evented_pb2.LogPosition, _Mapping]]] = ...) -> None: ...

class ProjectionGeneration(_message.Message):
    __slots__ = ("number", "role", "subscription", "checkpoints", "parked", "events_per_second")
    class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ROLE_UNSPECIFIED: _ClassVar[ProjectionGeneration.Role]
        ROLE_LIVE: _ClassVar[ProjectionGeneration.Role]
        ROLE_CANDIDATE: _ClassVar[ProjectionGeneration.Role]
        ROLE_PREVIOUS: _ClassVar[ProjectionGeneration.Role]
    ROLE_UNSPECIFIED: ProjectionGeneration.Role
    ROLE_LIVE: ProjectionGeneration.Role
    ROLE_CANDIDATE: ProjectionGeneration.Role
    ROLE_PREVIOUS: ProjectionGeneration.Role
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    number: int
    role: ProjectionGeneration.Role
    subscription: str
    checkpoints: _containers.RepeatedCompositeFieldContainer[_evented_pb2.LogPosition]
    parked: int
    events_per_second: int
    def __init__(self, number: _Optional[int] = ..., role: _Optional[_Union[ProjectionGeneration.Role, str]] = ..., subscription: _Optional[str] = ..., checkpoints: _Optional[_Iterable[_Union[_evented_pb2.LogPosition, _Mapping]]] = ..., parked: _Optional[int] = ..., events_per_second: _Optional[int] = ...) -> None: ...

class VerifyProgress(_message.Message):
    __slots__ = ("equal", "difference")
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    equal: int
    difference: ProjectionDifference
    def __init__(self, equal: _Optional[int] = ..., difference: _Optional[_Union[ProjectionDifference, _Mapping]] = ...) -> None: ...

class ProjectionDifference(_message.Message):
    __slots__ = ("root", "live", "candidate")
    ROOT_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_FIELD_NUMBER: _ClassVar[int]
    root: _evented_pb2.UUID
    live: _evented_pb2.Projection
    candidate: _evented_pb2.Projection
    def __init__(self, root: _Optional[_Union[_evented_pb2.UUID, _Mapping]] = ..., live: _Optional[_Union[_evented_pb2.Projection, _Mapping]] = ..., candidate: _Optional[_Union[_evented_pb2.Projection, _Mapping]] = ...) -> None: ...
