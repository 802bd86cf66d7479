"""Payloads in and out of `google.protobuf.Any`, and which method takes which of them."""

import inspect
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message

Function = TypeVar("Function", bound=Callable[..., Any])


def pack(message: Message) -> Packed:
    packed = Packed()
    packed.Pack(message, deterministic=True)
    return packed


def unpack(packed: Packed) -> Message:
    """The message inside, as its generated class. Its module must have been imported.

    Raises `TypeError` for an unknown type.
    """
    name = packed.TypeName()
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(name)
    except KeyError:
        raise TypeError(f"no module that describes the message {name} is imported") from None
    message = message_factory.GetMessageClass(descriptor)()
    packed.Unpack(message)
    return message


def unpack_state(packed: Packed, state: Message | None) -> None:
    """Fills a state with what was stored, if anything was. Raises `TypeError` where that is of another type."""
    if not packed.type_url:
        return
    if state is None or not packed.Unpack(state):
        declared = state.DESCRIPTOR.full_name if state is not None else "nothing"
        raise TypeError(f"the stored state is a {packed.TypeName()}, and the class declares {declared}")


def payload_types(function: Callable[..., Any], position: int) -> tuple[type[Message], ...]:
    """The message types by which a parameter is annotated: one, or a union of several."""
    name = list(inspect.signature(function).parameters)[position]
    annotation = typing.get_type_hints(function).get(name)
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    kinds = typing.get_args(annotation) if union else (annotation,)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Message)):
            raise TypeError(f"{function.__qualname__}: annotate {name!r} with a protobuf message, not {kind}")
    return kinds


def marker(role: str) -> Callable[[Function], Function]:
    """A decorator that gives a method its role. The class that owns the method looks for it."""

    def mark(function: Function) -> Function:
        setattr(function, "__outrider__", role)
        return function

    return mark


def methods_of(owner: type, role: str) -> Iterator[Callable[..., Any]]:
    for name in dir(owner):
        function = inspect.getattr_static(owner, name)
        if getattr(function, "__outrider__", None) == role:
            yield cast(Callable[..., Any], function)


class Methods:
    """The methods of a class with one role, by the type of their payload."""

    def __init__(self, owner: type, role: str) -> None:
        self.by_type: dict[str, Callable[..., Any]] = {}
        for function in methods_of(owner, role):
            for kind in payload_types(function, 1):
                name = kind.DESCRIPTOR.full_name
                if name in self.by_type:
                    raise TypeError(f"{owner.__name__} has two methods that {role} {name}")
                self.by_type[name] = function

    def find(self, type_name: str) -> Callable[..., Any] | None:
        return self.by_type.get(type_name)


def state_type(owner: type) -> type[Message] | None:
    """The message type that a class declares as its `state`; None without a declaration."""
    for base in owner.__mro__:
        if "state" in base.__dict__.get("__annotations__", {}):
            kind = typing.get_type_hints(base).get("state")
            return kind if isinstance(kind, type) and issubclass(kind, Message) else None
    return None
