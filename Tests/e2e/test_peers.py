"""The calls that sidecars make: to logic that restarts, to several servers behind a name, to each other."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from client import (
    TIMEOUT, Client, Status, commands, counted, eventually, new_root, payloads, refused)
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from listening import free_address
from logic import Logic, count, echo
from sidecar import PROJECTOR, DidNotStart
from tokens import key_set, token


class LogicProcess:
    """Logic in a process of its own, that can die as processes do."""

    def __init__(self, address):
        self.address = address
        self.command = [sys.executable, __file__, address]
        self.start()

    def start(self, may_end=True):
        command = [*self.command, "may end"] if may_end else self.command
        self.process = subprocess.Popen(
            command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(60)
        self.process.stdout.close()


def under_load(client, workers=8):
    """Sends commands all the time; answers with how to wait for more of them, and how to end it."""
    sent, over = [], threading.Event()

    def work(_):
        root, number = new_root(), 0
        while not over.is_set():
            client.handle(commands(root, b"%d" % number), timeout=60)
            number += 1
            sent.append(root)
        return root, number

    pool = ThreadPoolExecutor(workers)
    results = [pool.submit(work, each) for each in range(workers)]

    def more(count):
        target = len(sent) + count
        eventually(
            lambda: len(sent) >= target or any(each.done() for each in results), timeout=60)

    def end():
        over.set()
        pool.shutdown()
        return [each.result() for each in results]

    return more, end


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_no_command_fails_while_logic_restarts(start, how):
    logic = LogicProcess(free_address())
    client = Client(start(address=logic.address, options=["--projector-enabled=false"]))
    more, end = under_load(client)
    for _ in range(5):
        more(50)
        logic.end(how)
        logic.start()
    more(50)
    for root, count in end():
        assert client.numbers(root) == list(range(count))
    logic.end(signal.SIGKILL)


@pytest.mark.parametrize("end", [b"die", b"stop"])
def test_command_that_logic_was_busy_with_is_asked_again(start, end):
    """The one call ends the logic that handles it; what comes after it answers."""
    logic = LogicProcess(free_address())
    client, root = Client(start(address=logic.address)), new_root()
    waiting = client.coordinator.Handle.future(commands(root, end), timeout=60)
    logic.process.wait(60)
    logic.end(signal.SIGKILL)
    logic.start(may_end=False)
    assert waiting.result().books
    assert client.numbers(root) == [0]
    logic.end(signal.SIGKILL)


def test_command_while_logic_is_away_says_so_in_time(start):
    """Whoever cannot wait is told what is wrong, and may send the command again."""
    client = Client(start(options=["--projector-enabled=false"]))
    began = time.monotonic()
    message = refused(
        lambda: client.handle(commands(new_root(), b"x"), timeout=2),
        Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)
    assert time.monotonic() - began < 10
    assert message


# A name with several addresses


@pytest.fixture
def hosts(tmp_path):
    """A hosts file of the sidecar's own, and what makes a process see it."""
    path = tmp_path / "hosts"
    path.write_text("")
    see = f'mount --bind "{path}" /etc/hosts'
    if subprocess.run(["unshare", "-m", "sh", "-c", see], capture_output=True).returncode:
        pytest.skip("may not mount a file here")

    def name(*addresses):
        path.write_text("".join(f"{each} peer.test\n" for each in addresses))

    return name, ["unshare", "-m", "sh", "-c", f'{see} && exec "$0" "$@"']


def test_commands_go_to_every_server_behind_a_name(start, hosts):
    name, wrapper = hosts
    first = Logic("127.0.0.2:0")
    port = first.address.rpartition(":")[2]
    second = Logic(f"127.0.0.3:{port}")
    name("127.0.0.2", "127.0.0.3")
    client = Client(start(
        address=f"peer.test:{port}", wrapper=wrapper, options=["--projector-enabled=false"]))
    for _ in range(10):
        client.handle(commands(new_root(), b"x"))
    assert {len(first.requests), len(second.requests)} == {5}

    first.stop()
    for _ in range(10):
        client.handle(commands(new_root(), b"x"))
    assert len(second.requests) == 15

    # A third takes the place of the first.
    third = Logic(f"127.0.0.4:{port}")
    name("127.0.0.3", "127.0.0.4")

    def third_is_found():
        client.handle(commands(new_root(), b"x"))
        return third.requests

    eventually(third_is_found)
    second.stop()
    third.stop()


# A projector in another process


class Coordinator(evented_pb2_grpc.ProjectorCoordinatorServicer):
    """A projector's sidecar that is not available the first times."""

    def __init__(self, failures):
        self.failures, self.calls = failures, 0
        self.server = grpc.server(futures.ThreadPoolExecutor(1))
        evented_pb2_grpc.add_ProjectorCoordinatorServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def HandleSync(self, book, context):
        self.calls += 1
        if self.calls <= self.failures:
            context.abort(Status.UNAVAILABLE, "starting")
        return evented.Projection(cover=book.cover, projector=PROJECTOR)


@pytest.mark.parametrize("failures, calls, failed", [(2, 3, []), (100, 4, [PROJECTOR])])
def test_projector_that_is_not_available_is_asked_again_for_a_moment(
        start, failures, calls, failed):
    logic, coordinator = Logic(), Coordinator(failures)
    client = Client(start(address=logic.address, role="command-handler", options=[
        "--projector-synchronous=true", f"--projector-coordinator={coordinator.address}"]))
    answer = synchronous(client)
    assert [page.num for page in answer.books[0].pages] == [0]
    assert [each.processor for each in answer.failures] == failed
    assert coordinator.calls == calls
    coordinator.server.stop(None)
    logic.stop()


# Connections


def test_connection_without_a_call_is_closed(start):
    sidecar = start(options=["--connection-idle-max=50ms", "--connection-age-grace=50ms"])
    host, port = sidecar.addresses["query-handler"].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
        received = b""
        while chunk := connection.recv(4096):
            received += chunk
    assert bytes([7, 0]) in received  # GOAWAY


def test_old_connections_go_and_no_command_fails(start):
    logic = Logic()
    client = Client(start(
        address=logic.address, options=["--connection-age-max=200ms", "--projector-enabled=false"]))
    more, end = under_load(client, workers=4)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        more(20)
    for root, count in end():
        assert client.numbers(root) == list(range(count))
    logic.stop()


# Traces


TRACE = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1"}


def trace(context):
    metadata = dict(context.invocation_metadata())
    return {name: metadata[name] for name in TRACE if name in metadata}


def test_callers_trace_reaches_all_logic(start):
    logic, seen = Logic(), {}

    def answer(request, context):
        seen["business"] = trace(context)
        return echo(request, context)

    def project(book, context):
        seen.setdefault("projector", trace(context))
        return count(book, context)

    logic.answer, logic.project = answer, project
    projector = start(address=logic.address, role="projector")
    handler = start(address=logic.address, role="command-handler", options=[
        "--projector-synchronous=true",
        f"--projector-coordinator={projector.addresses['projector']}"])
    stub = Client(handler).coordinator
    # The projector's own subscription, which traces nothing, may have been faster.
    for _ in range(50):
        seen.clear()
        stub.Handle(commands(new_root(), b"x", synchronous=True), timeout=10,
                    metadata=list(TRACE.items()))
        assert seen["business"] == TRACE
        if seen["projector"] == TRACE:
            break
    assert seen["projector"] == TRACE
    stub.Handle(commands(new_root(), b"x"), timeout=10)
    assert seen["business"] == {}
    logic.stop()


def test_calls_are_logged_at_debug(start):
    logic = Logic()
    sidecar = start(address=logic.address, options=["--log-level=debug", "--log-format=json"])
    client = Client(sidecar)
    client.handle(commands(new_root(), b"x"))

    def logged(method, status):
        for line in sidecar.output:
            record = json.loads(line) if line.startswith("{") else {}
            if (record.get("method"), record.get("status")) == (method, status):
                return record

    record = eventually(lambda: logged("evented.BusinessCoordinator/Handle", "OK"))
    assert (record["level"], record["domain"]) == ("debug", "bank")
    assert record["peer"].startswith("127.0.0.1:") and record["duration"].endswith("ms")
    logic.answer = lambda request, context: b"\xff\xff\xff"
    refused(lambda: client.handle(commands(new_root(), b"x")), Status.INTERNAL)
    assert eventually(lambda: logged("evented.BusinessCoordinator/Handle", "INTERNAL"))[
        "level"] == "error"
    logic.stop()


# Tokens


def synchronous(client):
    return client.handle(commands(new_root(), b"x", synchronous=True))


def test_command_handler_shows_its_token_to_the_projector(start, tmp_path):
    keys, file, config = tmp_path / "keys.json", tmp_path / "token", tmp_path / "outrider.yaml"
    keys.write_text(key_set())
    config.write_text(
        "policy: [{callers: [handler], methods: [evented.ProjectorCoordinator/HandleSync]}]")
    logic = Logic()
    projector = start(address=logic.address, role="projector", options=[
        f"--tokens-keys={keys}", f"--config={config}"])
    options = ["--projector-synchronous=true",
               f"--projector-coordinator={projector.addresses['projector']}"]

    silent = start(address=logic.address, role="command-handler", options=options)
    answer = synchronous(Client(silent))
    assert [each.code for each in answer.failures] == [Status.UNAUTHENTICATED.value[0]]

    file.write_text(token("handler"))
    options.append(f"--tokens-peer-file={file}")
    client = Client(start(address=logic.address, role="command-handler", options=options))
    answer = synchronous(client)
    assert not answer.failures and counted(answer.projections[0]) == 1
    assert answer.projections[0].projector == PROJECTOR
    logic.stop()


@pytest.mark.parametrize("certificate, code", [("named", None), ("server", Status.UNAVAILABLE)])
def test_token_goes_over_tls_to_a_projector_that_proves_its_name(
        start, hosts, certificates, tmp_path, certificate, code):
    name, wrapper = hosts
    name("127.0.0.1")
    keys, file = tmp_path / "keys.json", tmp_path / "token"
    keys.write_text(key_set())
    file.write_text(token("handler"))
    logic = Logic()
    projector = start(address=logic.address, role="projector", options=[
        f"--tokens-keys={keys}", f"--tls-certificate={certificates}/{certificate}.pem",
        f"--tls-key={certificates}/{certificate}.key"])
    port = projector.addresses["projector"].rpartition(":")[2]
    client = Client(start(address=logic.address, role="command-handler", wrapper=wrapper, options=[
        "--projector-synchronous=true", f"--tokens-peer-file={file}",
        f"--tls-peer-authorities={certificates}/ca.pem",
        f"--projector-coordinator=peer.test:{port}"]))
    failures = [each.code for each in synchronous(client).failures]
    assert failures == ([code.value[0]] if code else [])
    logic.stop()


def test_expired_token_is_renewed_without_a_restart(start, tmp_path):
    keys, file = tmp_path / "keys.json", tmp_path / "token"
    keys.write_text(key_set())
    file.write_text(token("handler", lifetime=-120))
    logic = Logic()
    projector = start(
        address=logic.address, role="projector", options=[f"--tokens-keys={keys}"])
    client = Client(start(address=logic.address, role="command-handler", options=[
        "--projector-synchronous=true", f"--tokens-peer-file={file}",
        f"--projector-coordinator={projector.addresses['projector']}"]))
    assert synchronous(client).failures
    file.write_text(token("handler") + "\n")
    assert not synchronous(client).failures
    logic.stop()


def test_token_is_never_sent_in_the_clear_to_another_machine(start, tmp_path):
    (tmp_path / "token").write_text(token("handler"))
    with pytest.raises(DidNotStart, match="in the clear; set tls.peer-authorities"):
        start(role="command-handler", options=[
            f"--tokens-peer-file={tmp_path}/token", "--projector-synchronous=true",
            "--projector-coordinator=projector.test:1315"])


def main(address, may_end=False):
    # A handler that sets an event may hang: it runs in the thread that waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    logic = Logic(address)

    def answer(request, context):
        book = echo(request, context)
        if may_end and payloads(book.pages) == [b"die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        if may_end and payloads(book.pages) == [b"stop"]:
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(TIMEOUT)  # the server ends the call before
        return book

    logic.answer = answer
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM})
    logic.stop()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
