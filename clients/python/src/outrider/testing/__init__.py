"""Tests of aggregates, sagas and projectors without a server: given, when, then.

What is given and what comes out takes the way over the wire, so a payload that cannot be packed fails here.
A scenario that does not hold raises `AssertionError`.
"""

from typing import TypeVar

from ..aggregate import Aggregate
from ..entity import Entity
from ..projector import Projector
from ..saga import Saga
from ._aggregate import AggregateScenario
from ._entity import EntityScenario
from ._projector import ProjectorScenario
from ._saga import (
    Action, CancelTimer, Ended, Finish, Fired, Happened, Input, SagaScenario, Send, SetTimer, appended, fired, happened,
    refused)

__all__ = [
    "Action", "AggregateScenario", "CancelTimer", "Ended", "EntityScenario", "Finish", "Fired", "Happened", "Input",
    "ProjectorScenario", "SagaScenario", "Send", "SetTimer", "aggregate", "appended", "entity", "fired", "happened",
    "projector", "refused", "saga",
]

A = TypeVar("A", bound=Aggregate)
E = TypeVar("E", bound=Entity)


def aggregate(kind: type[A]) -> AggregateScenario[A]:
    return AggregateScenario(kind)


def entity(kind: type[E]) -> EntityScenario[E]:
    return EntityScenario(kind)


def saga(kind: type[Saga], *, key: str = "key") -> SagaScenario:
    return SagaScenario(kind, key)


def projector(kind: type[Projector]) -> ProjectorScenario:
    return ProjectorScenario(kind)
