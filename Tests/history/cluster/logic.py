"""The logic of a run, as a program: decides commands, or makes projections.

Usage: logic.py business ADDRESS
       logic.py projector ADDRESS NAME RECORD

A command names itself and says what it wants: "NAME COUNT" for COUNT events, "NAME refuse" for a refusal.
An event is "NAME PART COUNT ONTO". ONTO is the digest of all events before it, as the logic saw them, so
that a decision on a state that never was can be told from a right one. A digest chains SHA-256 over the texts of
the events; the state, and the projection, is "NUMBER DIGEST".

The projector appends a line to RECORD for each delivery: the checker reads it.
"""

import hashlib
import os
import sys
from concurrent import futures

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from google.protobuf import wrappers_pb2

SNAPSHOT_EVERY = 25  # events


def pack(text, into):
    into.Pack(wrappers_pb2.StringValue(value=text))


def unpack(packed):
    """The text inside; empty where nothing is."""
    value = wrappers_pb2.StringValue()
    packed.Unpack(value)
    return value.value


class State:
    """How many events there are, and their digest."""

    def __init__(self, text=""):
        number, self.digest = text.split() if text else ("0", "-")
        self.number = int(number)

    def apply(self, event):
        self.digest = hashlib.sha256(f"{self.digest} {event}".encode()).hexdigest()[:16]
        self.number += 1

    def __str__(self):
        return f"{self.number} {self.digest}"


class Business(services.BusinessLogicServicer):
    def Handle(self, request, context):
        past, command = request.events, request.command
        state = State(unpack(past.snapshot.state))
        for page in past.pages:
            state.apply(unpack(page.Event))
        answer = evented.EventBook(cover=command.cover)
        for page in command.pages:
            name, wanted = unpack(page.command).split()
            if wanted == "refuse":
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{name} wants to be refused")
            for part in range(int(wanted)):
                event = f"{name} {part} {wanted} {state.digest}"
                pack(event, answer.pages.add(synchronous=page.synchronous).Event)
                state.apply(event)
        if answer.pages and len(past.pages) >= SNAPSHOT_EVERY:
            answer.snapshot.sequence = state.number - 1
            pack(str(state), answer.snapshot.state)
        return answer


class Projector(services.ProjectorServicer):
    def __init__(self, name, record):
        self.name = name
        self.record = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def HandleSync(self, book, context):
        before = unpack(book.projection.projection)
        state = State(before)
        self.note(book, state)
        for page in book.pages:
            state.apply(unpack(page.Event))
        answer = evented.Projection()
        pack(str(state), answer.projection)
        return answer

    def note(self, book, state):
        """One write, so that lines of several processes are not mixed: their order is that of the deliveries."""
        pages = [f"{page.num} {unpack(page.Event)}" for page in book.pages]
        line = "\t".join([self.name, book.cover.root.value.hex(), str(state), *pages]) + "\n"
        os.write(self.record, line.encode())


def main():
    kind, address, *rest = sys.argv[1:]
    server = grpc.server(futures.ThreadPoolExecutor(8))
    if kind == "business":
        services.add_BusinessLogicServicer_to_server(Business(), server)
    else:
        services.add_ProjectorServicer_to_server(Projector(*rest), server)
    server.add_insecure_port(address)
    server.start()
    print("serving", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
