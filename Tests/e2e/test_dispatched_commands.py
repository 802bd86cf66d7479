"""Commands that are handed over: they end once, whatever stops meanwhile."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import grpc
import pytest
from client import Client, Status, commands, eventually, facts, new_root, payloads, refused
from evented import evented_pb2 as evented
from google.protobuf import empty_pb2
from listening import free_address
from logic import Logic, echo
from outrider.v1 import command_outcome_pb2, commands_pb2, commands_pb2_grpc, log_pb2
from sidecar import DOMAIN

Outcome = command_outcome_pb2.CommandOutcome


class Dispatcher(Client):
    def __init__(self, sidecar):
        super().__init__(sidecar)
        self.commands = commands_pb2_grpc.CommandsStub(self.channels["command-handler"])

    def dispatch(self, root, payload=b"x", id="c1", not_before=None, expires_at=None, timeout=10):
        request = commands_pb2.DispatchRequest(command=commands(root, payload, command_id=id))
        if not_before:
            request.not_before.FromDatetime(not_before)
        if expires_at:
            request.expires_at.FromDatetime(expires_at)
        return self.commands.Dispatch(request, timeout=timeout).reference

    def outcome(self, reference, timeout=30):
        return self.commands.Await(reference, timeout=timeout).outcome

    def pending(self):
        request, found = commands_pb2.ListCommandsRequest(domain=DOMAIN), []
        while True:
            page = self.commands.List(request, timeout=30)
            found += page.commands
            request.page_token = page.next_page_token
            if not request.page_token:
                return found


def soon(seconds):
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.fixture
def dispatcher(shared, logic):
    return Dispatcher(shared[0])


def test_a_dispatched_command_ends_with_its_events(dispatcher):
    root = new_root()
    reference = dispatcher.dispatch(root, b"a")
    outcome = dispatcher.outcome(reference)
    assert outcome.end == Outcome.APPENDED
    assert payloads(outcome.events.pages) == [b"a"]
    assert outcome.events == dispatcher.books(root)[0]
    status = dispatcher.commands.Get(reference, timeout=10)
    assert status.outcome == outcome and not status.HasField("not_before")
    assert status.dispatched_at.seconds <= outcome.ended_at.seconds
    repeated = dispatcher.commands.Dispatch(
        commands_pb2.DispatchRequest(command=commands(root, b"a", command_id="c1")), timeout=10)
    assert repeated.already_dispatched and repeated.reference == reference
    assert dispatcher.numbers(root) == [0]


def test_a_command_waits_for_logic_that_is_down(start):
    address = free_address()
    sidecar = start(address=address)
    dispatcher = Dispatcher(sidecar)
    references = [dispatcher.dispatch(new_root(), id=f"c{number}") for number in range(20)]
    time_out = dispatcher.outcome(references[0], timeout=0.5)
    assert time_out.end == Outcome.END_UNSPECIFIED
    assert len(dispatcher.pending()) == 20
    logic = Logic(address)
    try:
        assert {dispatcher.outcome(each).end for each in references} == {Outcome.APPENDED}
    finally:
        logic.stop()
    assert dispatcher.pending() == []


def test_a_refusal_is_final_and_told(dispatcher, logic):
    def refuse(request, context):
        context.abort(Status.FAILED_PRECONDITION, "the balance is too low")

    logic.answer = refuse
    reference = dispatcher.dispatch(new_root())
    outcome = dispatcher.outcome(reference)
    assert (outcome.end, outcome.code, outcome.message) == (Outcome.REFUSED, 9, "the balance is too low")
    assert len(logic.requests) == 1
    assert "it was refused" in refused(
        lambda: dispatcher.commands.Cancel(reference, timeout=10), Status.FAILED_PRECONDITION)


def test_whoever_sends_a_command_that_has_ended_is_answered_as_it_ended(start, shared_store, logic_process):
    logic_process.reset()
    details = ("grpc-status-details-bin", b"\x08\x09\x12\x08sold out")

    def refuse(request, context):
        context.set_trailing_metadata((details,))
        context.abort(Status.FAILED_PRECONDITION, "sold out: 3 left ✓")

    def expect_the_ends(dispatcher):
        with pytest.raises(grpc.RpcError) as failure:
            dispatcher.handle(commands(refusing, b"x", command_id="c1"))
        assert failure.value.code() == Status.FAILED_PRECONDITION
        assert failure.value.details() == "sold out: 3 left ✓"
        assert details in failure.value.trailing_metadata()
        assert "sold out: 3 left ✓" == refused(
            lambda: dispatcher.record(facts(refusing, b"x", command_id="c1")), Status.FAILED_PRECONDITION)
        answer = dispatcher.handle(commands(idle, b"x", command_id="c1"))
        assert not answer.books and answer.already_handled
        assert "expired" in refused(
            lambda: dispatcher.handle(commands(late, b"x", command_id="c1")), Status.FAILED_PRECONDITION)
        assert [dispatcher.numbers(root) for root in (refusing, idle, late)] == [[], [], []]

    sidecar = start(data=shared_store, address=logic_process.address)
    dispatcher = Dispatcher(sidecar)
    refusing, idle, late = new_root(), new_root(), new_root()
    logic_process.answer = refuse
    assert dispatcher.outcome(dispatcher.dispatch(refusing)).end == Outcome.REFUSED
    logic_process.answer = lambda request, context: evented.EventBook()
    assert dispatcher.outcome(dispatcher.dispatch(idle)).end == Outcome.NOTHING_TO_DO
    assert dispatcher.outcome(dispatcher.dispatch(late, expires_at=soon(-1))).end == Outcome.EXPIRED

    logic_process.answer = echo
    expect_the_ends(dispatcher)
    sidecar.kill()
    sidecar.start()
    expect_the_ends(Dispatcher(sidecar))
    # Another command is taken, and from then on the aggregate is in memory.
    dispatcher = Dispatcher(sidecar)
    dispatcher.handle(commands(refusing, b"y", command_id="c2"))
    logic_process.answer = lambda request, context: context.abort(Status.NOT_FOUND, "in other words")
    assert "sold out: 3 left ✓" == refused(
        lambda: dispatcher.handle(commands(refusing, b"x", command_id="c1")), Status.FAILED_PRECONDITION)


def test_a_delayed_command_is_carried_out_in_time(dispatcher):
    due = soon(1)
    reference = dispatcher.dispatch(new_root(), not_before=due)
    outcome = dispatcher.outcome(reference)
    assert outcome.end == Outcome.APPENDED
    late = outcome.ended_at.ToDatetime(timezone.utc) - due
    assert timedelta(0) <= late < timedelta(seconds=2)


def test_a_cancelled_command_is_never_carried_out(dispatcher, logic):
    root = new_root()
    reference = dispatcher.dispatch(root, not_before=soon(1))
    assert [each.reference for each in dispatcher.pending()] == [reference]
    assert dispatcher.commands.Cancel(reference, timeout=10).outcome.end == Outcome.CANCELLED
    assert dispatcher.pending() == []
    after = dispatcher.dispatch(new_root(), not_before=soon(1.2))
    assert dispatcher.outcome(after).end == Outcome.APPENDED
    assert dispatcher.outcome(reference).end == Outcome.CANCELLED
    assert len(logic.requests) == 1


def test_a_command_expires_while_logic_is_away(dispatcher, logic):
    logic.answer = lambda request, context: context.abort(Status.UNAVAILABLE, "away")
    reference = dispatcher.dispatch(new_root(), expires_at=soon(1))
    assert dispatcher.outcome(reference).end == Outcome.EXPIRED


def test_the_internal_domain_is_readable_and_out_of_the_way(start, logic_process):
    """Where every domain is served, no projector follows it, and no client writes to it."""
    logic_process.reset()
    sidecar = start(address=logic_process.address, domain=None)
    dispatcher = Dispatcher(sidecar)
    root = new_root()
    dispatcher.outcome(dispatcher.dispatch(root))
    internal = f"$commands.{DOMAIN}"
    entries = list(dispatcher.logs.Read(log_pb2.ReadLogRequest(domain=internal), timeout=10))
    kinds = [entry.book.pages[0].Event.type_url.rpartition(".")[2] for entry in entries]
    assert kinds == ["DispatchedCommand", "EndedCommand"]
    assert list(dispatcher.logs.Domains(empty_pb2.Empty(), timeout=10).domains) == [DOMAIN]
    eventually(lambda: dispatcher.projection(root))
    assert {book.cover.domain for book in logic_process.books} == {DOMAIN}
    book = commands(root, b"x")
    book.cover.domain = internal
    refused(lambda: dispatcher.handle(book), Status.INVALID_ARGUMENT)
    refused(lambda: dispatcher.commands.Dispatch(
        commands_pb2.DispatchRequest(command=book), timeout=10), Status.INVALID_ARGUMENT)


def test_every_command_ends_once_though_the_process_is_killed(start, logic_process):
    logic_process.reset()
    sidecar = start(address=logic_process.address)
    roots = [new_root() for _ in range(25)]

    def refuse_some(request, context):
        payload = request.command.pages[0].command.value
        if payload.endswith(b"7"):
            context.abort(Status.FAILED_PRECONDITION, "not sevens")
        return echo(request, context)

    logic_process.answer = refuse_some
    dispatcher = Dispatcher(sidecar)
    with ThreadPoolExecutor(16) as pool:
        references = list(pool.map(
            lambda number: dispatcher.dispatch(
                roots[number % 25], b"%d" % number, id=f"c{number}",
                not_before=soon(1.5) if number % 5 == 0 else None),
            range(500)))
    for _ in range(3):
        sidecar.kill()
        sidecar.start()
        eventually(lambda: Dispatcher(sidecar).pending() is not None)
    dispatcher = Dispatcher(sidecar)
    outcomes = [dispatcher.outcome(each, timeout=60) for each in references]
    for number, outcome in enumerate(outcomes):
        assert outcome.end == (Outcome.REFUSED if number % 10 == 7 else Outcome.APPENDED), number
    stored = [payload for root in roots for payload in payloads(dispatcher.events(root))]
    assert sorted(stored) == sorted(b"%d" % number for number in range(500) if number % 10 != 7)
    ends = [
        entry.book.command_id
        for entry in dispatcher.logs.Read(
            log_pb2.ReadLogRequest(domain=f"$commands.{DOMAIN}"), timeout=30)
        if entry.book.command_id.startswith("$end:")]
    assert sorted(ends) == sorted(f"$end:c{number}" for number in range(500))


# The command line


def outrider(executable, sidecar, *arguments, input=b"", status=0):
    done = subprocess.run(
        [executable, *arguments, f"--address={sidecar.addresses['command-handler']}"], input=input,
        capture_output=True, timeout=30)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode() + (done.stderr.decode() if status else "")


def send(executable, sidecar, *arguments, **more):
    return outrider(
        executable, sidecar, "send", "--domain=bank", "--type=test.Payload", "--async", *arguments, "-",
        input=b"x", **more)


def test_the_command_line_sends_and_awaits(executable, shared, logic):
    sidecar, _ = shared
    name = send(executable, sidecar).strip()
    assert name.startswith("bank/")
    shown = outrider(executable, sidecar, "command", "await", name)
    assert "appended" in shown and "test.Payload" in shown
    answer = json.loads(outrider(executable, sidecar, "command", "get", name, "--json"))
    assert answer["end"] == "APPENDED" and answer["events"][0]["sequence"] == 0
    assert "dispatched before" in send(
        executable, sidecar, f"--root={name.split('/')[1]}", f"--command-id={name.split('/')[2]}")


def test_the_exit_code_of_await_tells_a_refusal(executable, shared, logic):
    sidecar, _ = shared
    logic.answer = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "no money")
    name = send(executable, sidecar).strip()
    shown = outrider(executable, sidecar, "command", "await", name, status=1)
    assert "FAILED_PRECONDITION: no money" in shown


def test_the_command_line_cancels_and_lists(executable, shared, logic):
    sidecar, _ = shared
    name = send(executable, sidecar, "--not-before=1h", "--expires-in=1m").strip()
    assert name in outrider(executable, sidecar, "command", "list", "bank")
    waiting = outrider(executable, sidecar, "command", "await", name, "--deadline=300ms", status=75)
    assert "has not ended" in waiting
    assert "cancelled" in outrider(executable, sidecar, "command", "cancel", name)
    assert name not in outrider(executable, sidecar, "command", "list", "bank")
    outrider(executable, sidecar, "command", "await", name, status=1)
    late = send(executable, sidecar, "--not-before=2020-01-01T00:00:00Z").strip()
    outrider(executable, sidecar, "command", "await", late)
    assert "has ended" in outrider(executable, sidecar, "command", "cancel", late, status=1)


def test_the_command_line_watches(executable, shared, logic):
    sidecar, _ = shared
    watching = subprocess.Popen(
        [executable, "command", "watch", "bank", "--json",
         f"--address={sidecar.addresses['command-handler']}"], stdout=subprocess.PIPE)
    seen = []
    try:
        with ThreadPoolExecutor(1) as pool:
            line = pool.submit(watching.stdout.readline)
            while not line.done():
                # The watch has begun once it shows one.
                outrider(executable, sidecar, "command", "await", send(executable, sidecar).strip())
            seen.append(json.loads(line.result()))
    finally:
        watching.kill()
        watching.wait()
    assert seen[0]["end"] == "APPENDED"


@pytest.mark.parametrize("arguments, words", [
    (["send", "--domain=bank", "--type=t.T", "--not-before=1m"], "--async"),
    (["send", "--domain=bank", "--type=t.T", "--async", "--not-before=tomorrow"], "2026-03-01T09:00:00Z"),
    (["send", "--domain=bank", "--type=t.T", "--async", "--wait-for=p"], "--wait-for"),
    (["command", "get", "bank/17/c1"], "DOMAIN/ROOT/ID"),
])
def test_mistakes_are_explained(executable, shared, arguments, words):
    assert words in outrider(executable, shared[0], *arguments, status=64)
