"""The bank's logic by itself: its tests play Outrider."""

import contextlib
import os
import signal
import subprocess

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from listening import free_address

TIMEOUT = 20


class Logic:
    """Returns once it is open, or has ended. `output` is what it said until then."""

    def __init__(self, program, address=None, projector_address=None):
        self.address = address or free_address()
        self.projector_address = projector_address or free_address()
        self.process = subprocess.Popen(
            [program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env=os.environ | {
                "OUTRIDER_LOGIC_ADDRESS": self.address, "OUTRIDER_PROJECTOR_ADDRESS": self.projector_address})
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if line == "the bank is open\n":
                break

    @property
    def is_open(self):
        return self.output.endswith("the bank is open\n")

    def decide(self, past, *orders):
        """What the logic answers to these commands, given the past."""
        request = evented.ContextualCommand(events=past)
        for order in orders:
            request.command.pages.add().command.Pack(order)
        assert self.is_open, self.output
        with grpc.insecure_channel(self.address) as channel:
            stub = evented_pb2_grpc.BusinessLogicStub(channel)
            return stub.Handle(request, timeout=TIMEOUT, wait_for_ready=True)

    def project(self, book):
        with grpc.insecure_channel(self.projector_address) as channel:
            stub = evented_pb2_grpc.ProjectorStub(channel)
            return stub.HandleSync(book, timeout=TIMEOUT, wait_for_ready=True)

    def terminate(self):
        """As Outrider does it. Returns the exit status, within the time that Outrider grants."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(5)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def book(*events, **fields):
    """A past, or what a projector is handed."""
    book = evented.EventBook(**fields)
    for event in events:
        book.pages.add().Event.Pack(event)
    return book
