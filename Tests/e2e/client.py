"""A plain gRPC client of one sidecar, and the messages that tests send."""

import time
import uuid

import grpc
import pytest
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from google.protobuf import empty_pb2, wrappers_pb2
from outrider.v1 import (
    log_pb2, log_pb2_grpc, parked_pb2, parked_pb2_grpc, projections_pb2, projections_pb2_grpc,
    sagas_pb2, sagas_pb2_grpc, trace_pb2_grpc)
from sidecar import DOMAIN, PROJECTOR

Status = grpc.StatusCode
TIMEOUT = 10


def new_root():
    return uuid.uuid4().bytes


def cover(root, domain=DOMAIN):
    return evented.Cover(domain=domain, root=evented.UUID(value=root))


def commands(root, *payloads, synchronous=False, **fields):
    book = evented.CommandBook(cover=cover(root), **fields)
    for payload in payloads:
        page = book.pages.add(synchronous=synchronous)
        page.command.Pack(wrappers_pb2.BytesValue(value=payload))
    return book


def facts(root, *payloads, **fields):
    book = evented.EventBook(cover=cover(root), **fields)
    for payload in payloads:
        book.pages.add().Event.Pack(wrappers_pb2.BytesValue(value=payload))
    return book


def payloads(pages):
    values = []
    for page in pages:
        value = wrappers_pb2.BytesValue()
        assert page.Event.Unpack(value)
        values.append(value.value)
    return values


def refused(call, *statuses):
    """Asserts that the call fails with one of these statuses; its message."""
    with pytest.raises(grpc.RpcError) as failure:
        call()
    assert failure.value.code() in statuses, failure.value
    assert failure.value.details()
    return failure.value.details()


def eventually(condition, timeout=TIMEOUT):
    """What the condition answers, once that is true."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            assert answer, "it never came to pass"
            return answer
        time.sleep(0.01)


def told(sidecar, *texts, timeout=TIMEOUT):
    """Waits until the sidecar has printed all of these: what it says of its state may come after the state."""
    eventually(lambda: all(text in sidecar.text for text in texts), timeout)


class Client:
    def __init__(self, sidecar):
        self.addresses = sidecar.addresses
        self.channels = {
            role: grpc.insecure_channel(address) for role, address in sidecar.addresses.items()}
        if commands := self.channels.get("command-handler"):
            self.coordinator = evented_pb2_grpc.BusinessCoordinatorStub(commands)
        if queries := self.channels.get("query-handler"):
            self.query = evented_pb2_grpc.EventQueryStub(queries)
            self.projections = projections_pb2_grpc.ProjectionsStub(queries)
            self.logs = log_pb2_grpc.LogStub(queries)
            self.trace = trace_pb2_grpc.TraceStub(queries)
        if saga := self.channels.get("saga"):
            self.sagas = sagas_pb2_grpc.SagasStub(saga)
            self.parked_instances = parked_pb2_grpc.ParkedStub(saga)
        if projector := self.channels.get("projector"):
            self.projector = evented_pb2_grpc.ProjectorCoordinatorStub(projector)
            self.parked = parked_pb2_grpc.ParkedStub(projector)

    def handle(self, book, timeout=TIMEOUT):
        return self.coordinator.Handle(book, timeout=timeout)

    def record(self, book, timeout=TIMEOUT):
        return self.coordinator.Record(book, timeout=timeout)

    def books(self, root, lower=0, upper=0):
        query = evented.Query(
            domain=DOMAIN, root=evented.UUID(value=root), lowerBound=lower, upperBound=upper)
        return list(self.query.GetEvents(query, timeout=TIMEOUT))

    def events(self, root, lower=0, upper=0):
        return [page for book in self.books(root, lower, upper) for page in book.pages]

    def numbers(self, root, lower=0, upper=0):
        return [page.num for page in self.events(root, lower, upper)]

    def roots(self):
        answer = self.query.GetAggregateRoots(empty_pb2.Empty(), timeout=TIMEOUT)
        return [each.root.value for each in answer]

    def log(self, **fields):
        return self.logs.Read(log_pb2.ReadLogRequest(domain=DOMAIN, **fields), timeout=TIMEOUT)

    def projection(self, root):
        """The stored projection; None where there is none."""
        request = projections_pb2.GetProjectionRequest(
            projector=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=root))
        try:
            return self.projections.Get(request, timeout=TIMEOUT).projection
        except grpc.RpcError as error:
            if error.code() == Status.NOT_FOUND:
                return None
            raise

    def parked_roots(self):
        answer = self.parked.List(parked_pb2.ListParkedRequest(), timeout=TIMEOUT)
        return [each.root.value for each in answer.parked]


def counted(projection):
    """What `logic.count` put into a projection."""
    value = wrappers_pb2.UInt64Value()
    assert projection.projection.Unpack(value)
    return value.value
