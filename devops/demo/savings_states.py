"""What Outrider keeps of accounts, as its logic is handed it. A process that has just started has it from the store."""

import os
import subprocess
import sys
import tempfile
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path

import grpc
from clients import TIMEOUT
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from listening import free_address, wait_until_listening
from outrider.v1 import entity_pb2, entity_pb2_grpc
from savings_clients import KINDS, cover
from savings_records import PROGRAMS, packed, record
from sidecar import Sidecar

REFUSAL = "this only looked at the state"
LOGIC = PROGRAMS / "savings.py"


def states(executable, data, accounts):
    """The state of each account before its next event, and that event's sequence."""
    with example() as functions, serving(Functions(functions), entity_pb2_grpc.add_EntityServicer_to_server) as logic:
        ask(executable, data, accounts, logic.address, "style: functions, check-apply: true, ")
    return logic.seen


def snapshots(executable, data, accounts):
    """The last snapshot of each account that has one, and its sequence. Logic of the classic style is handed it."""
    with serving(Classic(), evented_pb2_grpc.add_BusinessLogicServicer_to_server) as logic:
        ask(executable, data, accounts, logic.address, "")
    return logic.seen


def ask(executable, data, accounts, address, style):
    """Has a command for each account decided. It is refused, so nothing changes."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
        config.write("domains:\n" + "".join(
            f"  - {{name: {kind}, logic: {{{style}address: '{address}'}}}}\n" for kind in KINDS))
        config.flush()
        with Sidecar(executable, data, config=config.name) as sidecar:
            handler = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler"))
            for name in accounts:
                book = evented.CommandBook(cover=cover(name))
                book.pages.add().command.CopyFrom(packed(record("DepositCash", amount=1)))
                try:
                    handler.Handle(book, timeout=TIMEOUT)
                except grpc.RpcError as error:
                    if error.details() != REFUSAL:
                        raise


class Functions(entity_pb2_grpc.EntityServicer):
    """Notes the states that it is given. Events behind a snapshot are folded by the example."""

    def __init__(self, example):
        self.seen = {}
        self.example = entity_pb2_grpc.EntityStub(example)

    def Handle(self, request, context):
        self.seen[name_of(request.command)] = request.next, request.state
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, REFUSAL)

    def Apply(self, request, context):
        return self.example.Apply(request, timeout=TIMEOUT)


class Classic(evented_pb2_grpc.BusinessLogicServicer):
    """Notes the snapshots that it is given."""

    def __init__(self):
        self.seen = {}

    def Handle(self, request, context):
        state = entity_pb2.AggregateState()
        if request.events.snapshot.state.Unpack(state):
            self.seen[name_of(request.command)] = request.events.snapshot.sequence, state
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, REFUSAL)


def name_of(command):
    return command.cover.domain, command.cover.root.value


@contextmanager
def serving(logic, add):
    server = grpc.server(futures.ThreadPoolExecutor())
    add(logic, server)
    logic.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield logic
    finally:
        server.stop(None).wait()


@contextmanager
def example():
    """A channel to the example's functions."""
    address = free_address()
    process = subprocess.Popen(
        [sys.executable, LOGIC], env=os.environ | {"OUTRIDER_LOGIC_ADDRESS": address}, stdout=subprocess.DEVNULL)
    try:
        wait_until_listening(process, int(address.rpartition(":")[2]))
        with grpc.insecure_channel(address) as channel:
            yield channel
    finally:
        process.kill()
        process.wait()
