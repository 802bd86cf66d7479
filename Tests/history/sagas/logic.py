"""The logic of a run: accounts, transfers between them, and the saga that has the money moved.

Every payload is a JSON object whose `what` says what it is. Each call of the saga's logic has a token of its own,
which stands in all that it commands: so the logs tell which answer came into effect. The saga appends a line to the
file `reactions` for each call: the checker reads it.

Each transfer is of a kind:
  plain      takes the money from the payer, gives it to the payee, and gives it back where that is refused
  impatient  gives the money back where it takes longer than a few milliseconds
  scheduled  begins after a while
  cancelling sets a timer, and cancels it as soon as the payer has paid
  fickle     takes the money from another account each time that it is asked, and is unavailable now and then
  empty      moves nothing, which the accounts have nothing to do for
"""

import itertools
import json
import os
import random
import sys
import time
from concurrent import futures
from pathlib import Path

import grpc
from cluster.logic import pack, unpack
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import saga_pb2, saga_pb2_grpc

ACCOUNT, TRANSFER, SAGA = "account", "transfer", "transfer"
SNAPSHOT_EVERY = 20  # events
APPENDED = outcomes.CommandOutcome.APPENDED
Status = grpc.StatusCode


def put(into, what, **fields):
    pack(json.dumps({"what": what, **fields}), into)


def take(packed):
    return json.loads(unpack(packed) or "{}")


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Accounts(services.BusinessLogicServicer):
    """An account's state is what it holds; none where it is not open."""

    def Handle(self, request, context):
        past, command = request.events, request.command
        holds = take(past.snapshot.state).get("holds") if past.HasField("snapshot") else None
        for page in past.pages:
            holds = change(holds, take(page.Event))
        order = take(command.pages[0].command)
        answer = evented.EventBook(cover=command.cover)
        try:
            holds = change(holds, order, judging=True)
        except Refused as refusal:
            context.abort(refusal.status, str(refusal))
        if not order["cents"]:
            return answer
        answer.pages.add().Event.CopyFrom(command.pages[0].command)
        if len(past.pages) >= SNAPSHOT_EVERY:
            answer.snapshot.sequence = past.pages[-1].num + 1
            put(answer.snapshot.state, "state", holds=holds)
        return answer


def change(holds, order, judging=False):
    """What an account holds after an order; refuses what is wrong, where it is to be judged."""
    match order["what"]:
        case "open":
            return order["cents"]
        case _ if judging and holds is None:
            raise Refused(Status.NOT_FOUND, "there is no such account")
        case "withdraw":
            if judging and holds < order["cents"]:
                raise Refused(Status.FAILED_PRECONDITION, "the balance is too low")
            return holds - order["cents"]
        case _:
            return holds + order["cents"]


class Transfers(services.BusinessLogicServicer):
    """A transfer is started once, and ends once."""

    def Handle(self, request, context):
        past = [take(page.Event)["what"] for page in request.events.pages]
        wanted = take(request.command.pages[0].command)["what"]
        if wanted in past or (wanted != "start" and "start" not in past) or len(past) > 1:
            context.abort(Status.FAILED_PRECONDITION, f"{wanted}, after {past}")
        answer = evented.EventBook(cover=request.command.cover)
        answer.pages.add().Event.CopyFrom(request.command.pages[0].command)
        return answer


class Saga(saga_pb2_grpc.SagaServicer):
    def __init__(self, directory):
        self.record = os.open(directory / "reactions", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.process, self.calls = os.urandom(4).hex(), itertools.count()

    def React(self, given, context):
        token = f"{self.process}-{next(self.calls)}"
        now = time.time_ns()
        answer = react(given, token)
        due = given.timer.due.ToNanoseconds() if given.HasField("timer") else 0
        # One write, so that lines of several threads are not mixed.
        os.write(self.record, f"{given.key}\t{trigger_of(given)}\t{token}\t{due}\t{now}\n".encode())
        if answer is None:
            context.abort(Status.UNAVAILABLE, "not now")
        return answer


def trigger_of(given):
    match given.WhichOneof("input"):
        case "events":
            return f"events {given.events.cover.root.value.hex()} {given.events.pages[0].num}"
        case "outcome":
            return f"outcome {given.outcome.command.command_id}"
        case _:
            return f"timer {given.timer.name}"


def react(given, token):
    """What an input leads to; None where the logic is not to be had just now."""
    state, answer = take(given.state), saga_pb2.SagaReaction()
    match given.WhichOneof("input"):
        case "events":
            started = take(given.events.pages[0].Event)
            if started["what"] != "start":
                return answer
            if started["kind"] == "fickle" and random.random() < 0.3:
                return None
            state = started | {"root": given.events.cover.root.value.hex(), "failure": ""}
            begin(answer, state, token)
        case "timer":
            if given.timer.name == "start":
                command(answer, ACCOUNT, state["payer"], "withdraw", state, token)
            elif given.timer.name == "patience":
                state["failure"] = "it took too long"
        case "outcome":
            proceed(given.outcome, state, answer, token)
    pack(json.dumps(state), answer.state)
    return answer


def begin(answer, state, token):
    kind = state["kind"]
    if kind == "fickle":
        state["payer"] = random.choice([state["payer"], state["other"]])
    if kind == "scheduled":
        return set_timer(answer, "start", state["milliseconds"])
    if kind == "cancelling":
        set_timer(answer, "cancelled", state["milliseconds"])
    set_timer(answer, "patience", state["milliseconds"] if kind == "impatient" else 600_000)
    command(answer, ACCOUNT, state["payer"], "withdraw", state, token)


def set_timer(answer, name, milliseconds):
    answer.timers.add(name=name).after.FromMilliseconds(milliseconds)


def proceed(outcome, state, answer, token):
    """A command has ended: the next one follows."""
    is_done = outcome.end == APPENDED
    match take(outcome.command.pages[0].command)["what"]:
        case "withdraw":
            answer.cancelled_timers.append("cancelled")
            if not is_done:
                state["failure"] = outcome.message or "there is nothing to move"
                end(answer, state, token)
            elif state["failure"]:
                command(answer, ACCOUNT, state["payer"], "refund", state, token)
            else:
                command(answer, ACCOUNT, state["payee"], "deposit", state, token)
        case "deposit" if is_done:
            state["failure"] = ""
            end(answer, state, token)
        case "deposit":
            state["failure"] = outcome.message
            command(answer, ACCOUNT, state["payer"], "refund", state, token)
        case "refund":
            end(answer, state, token)


def end(answer, state, token):
    what = "fail" if state["failure"] else "complete"
    command(answer, TRANSFER, state["root"], what, state | {"cents": 0}, token)
    answer.finished = True


def command(answer, domain, root, what, state, token):
    book = answer.commands.add()
    book.cover.domain, book.cover.root.value = domain, bytes.fromhex(root)
    put(book.pages.add().command, what, cents=state["cents"], reason=state["failure"], token=token)


def main():
    kind, directory, *address = sys.argv[1:]
    directory = Path(directory)
    # Whoever kills it must find it, where Outrider has started it.
    (directory / f"{kind}.pid").write_text(str(os.getpid()))
    server = grpc.server(futures.ThreadPoolExecutor(16))
    match kind:
        case "account":
            services.add_BusinessLogicServicer_to_server(Accounts(), server)
        case "transfer":
            services.add_BusinessLogicServicer_to_server(Transfers(), server)
        case "saga":
            saga_pb2_grpc.add_SagaServicer_to_server(Saga(directory), server)
    server.add_insecure_port(address[0] if address else os.environ["OUTRIDER_SAGA_ADDRESS"])
    server.start()
    print("serving", flush=True)
    server.wait_for_termination()
