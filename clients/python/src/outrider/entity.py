"""The function style: Outrider keeps the state of an aggregate and of its members, and hands it over with each call."""

from typing import Any, Self, TypeVar


from ._payloads import pack, unpack, unpack_state
from .aggregate import Aggregate, apply_page, process_page
from .v1.entity_pb2 import AggregateState, ApplyRequest, ApplyResponse, HandleRequest, HandleResponse

__all__ = ["Entity"]


class Entity(Aggregate):
    """Base of an aggregate's class in the function style (`logic.style: functions`).

    As `Aggregate`, but Outrider keeps the state, so that a command is decided on it however long the history is.
    `state` is the root's, and `members` holds those of the entities inside by their names, `type:id`; nothing else is
    kept. `apply` methods put members into it and take them out. `entity` names the one that is meant.
    """

    members: dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls._state_type is None:
            raise TypeError(f"{cls.__name__}: annotate `state` with a protobuf message")
        if cls.snapshot_every:
            raise TypeError(f"{cls.__name__}: snapshots are Outrider's, see `logic.snapshot-events`")

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        made.members = {}
        return made


E = TypeVar("E", bound=Entity)


def handle_command(kind: type[Entity], given: HandleRequest) -> HandleResponse:
    """What `Handle` answers: the new events. Raises `Refused`."""
    aggregate, answer = restored(kind, given.state), HandleResponse()
    for page in given.command.pages:
        answer.pages.extend(process_page(aggregate, page))
    return answer


def apply_events(kind: type[Entity], given: ApplyRequest) -> ApplyResponse:
    """What `Apply` answers: the whole state after the events."""
    aggregate, answer = restored(kind, given.state), ApplyResponse()
    for page in given.events.pages:
        apply_page(aggregate, page)
    answer.state.root.CopyFrom(pack(aggregate.state))
    for name, member in aggregate.members.items():
        answer.state.members[name].CopyFrom(pack(member))
    return answer


def restored(kind: type[E], state: AggregateState) -> E:
    aggregate = kind()
    unpack_state(state.root, aggregate.state)
    aggregate.members = {name: unpack(packed) for name, packed in state.members.items()}
    return aggregate
