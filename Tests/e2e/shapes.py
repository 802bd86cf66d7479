"""Every kind of call that stays open or answers more than once, and a domain in which each of them holds much."""

from collections.abc import Callable
from typing import NamedTuple

import grpc
from client import Status, commands, facts, new_root
from evented import evented_pb2 as evented
from google.protobuf import wrappers_pb2
from logic import Logic
from outrider.v1 import (
    commands_pb2, commands_pb2_grpc, log_pb2, projections_pb2, rebuilds_pb2, rebuilds_pb2_grpc,
    schemas_pb2, subscriptions_pb2, trace_pb2)
from sidecar import DOMAIN, PROJECTOR

#: The aggregate whose event led to all others.
FIRST = new_root()
AGGREGATES = 1000
#: So that a commit is large in a trace, too, which has no payloads.
EVENT_TYPE = "bank/" + "T" * 3000
#: Of a projection, so that the projections of all aggregates are a portion of what is read at a time.
PROJECTION = bytes(1000)


class Shape(NamedTuple):
    role: str
    path: str
    #: The first message of the call of that number.
    request: Callable[[int], bytes]
    #: Calls of one connection.
    calls: int = 900
    #: Has something come that whoever waits hears of.
    stir: Callable | None = None
    #: Whether each call is answered or refused, however long that takes.
    is_answered: bool = False
    #: Whether it is served to callers that proved nothing.
    is_for_strangers: bool = False


def always(message):
    return lambda number: message.SerializeToString()


def subscription(number):
    """Each of a name of its own, so that each has the lane."""
    return subscriptions_pb2.SubscribeRequest(begin=subscriptions_pb2.SubscriptionBegin(
        name=f"subscription-{number}", domains=[DOMAIN])).SerializeToString()


def end_commands(client):
    """Has large commands end while others watch."""
    with grpc.insecure_channel(client.addresses["command-handler"]) as channel:
        stub = commands_pb2_grpc.CommandsStub(channel)
        for number in range(5):
            book = commands(new_root(), bytes(300_000), command_id=f"stir-{number}")
            try:
                reference = stub.Dispatch(commands_pb2.DispatchRequest(command=book), timeout=60).reference
                stub.Await(reference, timeout=60)
            except grpc.RpcError as error:
                # Those who watch have all the memory: none is left for the call, or for its connection.
                assert error.code() in (Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE), error
                return


QUERY = always(evented.Query(domain=DOMAIN, root=evented.UUID(value=new_root())))
FOLLOW = always(log_pb2.ReadLogRequest(domain=DOMAIN, follow=True))
REFLECTION = "ServerReflection/ServerReflectionInfo"
TRACE = trace_pb2.TraceRequest(event=trace_pb2.EventReference(
    cover=evented.Cover(domain=DOMAIN, root=evented.UUID(value=FIRST)), sequence=0))
SCHEMA = b'{"type": "record", "name": "Opened", "namespace": "bank", "fields": []}'


def nothing(number):
    return b""


SHAPES = {
    "Handle": Shape("command-handler", "/evented.BusinessCoordinator/Handle", always(commands(new_root(), b"x"))),
    "GetEvents": Shape("query-handler", "/evented.EventQuery/GetEvents", QUERY),
    "Synchronize": Shape("query-handler", "/evented.EventQuery/Synchronize", QUERY),
    "GetAggregateRoots": Shape("query-handler", "/evented.EventQuery/GetAggregateRoots", nothing),
    "Read": Shape("query-handler", "/outrider.v1.Log/Read", FOLLOW),
    "Projections.Watch": Shape(
        "query-handler", "/outrider.v1.Projections/Watch",
        always(projections_pb2.WatchProjectionsRequest(projector=PROJECTOR, domain=DOMAIN))),
    "Subscribe": Shape(
        "query-handler", "/outrider.v1.Subscriptions/Subscribe", subscription, calls=100),
    "Trace": Shape("query-handler", "/outrider.v1.Trace/Get", always(TRACE), calls=40, is_answered=True),
    "Check": Shape(
        "query-handler", "/outrider.v1.Schemas/Check",
        always(schemas_pb2.CheckSchemaRequest(domain=DOMAIN, schema=SCHEMA)), calls=16),
    "Commands.Watch": Shape(
        "command-handler", "/outrider.v1.Commands/Watch",
        always(commands_pb2.WatchCommandsRequest(domain=DOMAIN)), calls=100, stir=end_commands),
    "Verify": Shape(
        "projector", "/outrider.v1.Rebuilds/Verify",
        always(rebuilds_pb2.RebuildTarget(projector=PROJECTOR, domain=DOMAIN)), calls=75, is_answered=True),
    "health": Shape("query-handler", "/grpc.health.v1.Health/Watch", nothing, is_for_strangers=True),
    "reflection": Shape(
        "query-handler", f"/grpc.reflection.v1.{REFLECTION}", nothing, is_for_strangers=True),
    "reflection of old": Shape(
        "query-handler", f"/grpc.reflection.v1alpha.{REFLECTION}", nothing, is_for_strangers=True),
}


class LargeProjections(Logic):
    """Logic whose projections are of some size."""

    def reset(self):
        super().reset()
        self.project = self._keep

    @staticmethod
    def _keep(book, context):
        projection = evented.Projection()
        projection.projection.Pack(wrappers_pb2.BytesValue(value=PROJECTION))
        return projection


def fill(client):
    """Many aggregates that one event led to, 6 MB of log, and two generations of projections."""
    client.record(facts(FIRST, b"first"))
    cause = evented.Cause(cover=evented.Cover(domain=DOMAIN, root=evented.UUID(value=FIRST)))
    calls = []
    for _ in range(AGGREGATES):
        book = facts(new_root(), b"x", cause=cause)
        book.pages[0].Event.type_url = EVENT_TYPE
        calls.append(client.coordinator.Record.future(book, timeout=60))
    for call in calls:
        call.result()
    # More than any reader reads ahead.
    for _ in range(60):
        position = client.record(facts(new_root(), b"e" * 100_000)).position
    target = {"projector": PROJECTOR, "domain": DOMAIN}
    rebuilds = rebuilds_pb2_grpc.RebuildsStub(client.channels["projector"])
    client.projections.List(projections_pb2.ListProjectionsRequest(
        **target, page_size=1, at_least=position), timeout=60)
    rebuilds.Start(rebuilds_pb2.StartRebuildRequest(**target), timeout=60)
    # It waits for the projections that are missing.
    *_, last = rebuilds.Verify(rebuilds_pb2.RebuildTarget(**target), timeout=60)
    assert last.equal == AGGREGATES + 61 and not last.HasField("difference")
