"""What functions behind HTTP may get wrong: the command is refused, nothing is stored, and the next one works."""

import subprocess

import pytest
from client import Client, Status, commands, eventually, new_root, payloads, refused
from http_functions import HTTPFunctions
from rest import Rest
from sidecar import DidNotStart

FUNCTIONS = ["--style=functions"]
LIMIT = 64 << 10


@pytest.fixture
def functions():
    functions = HTTPFunctions()
    yield functions
    functions.stop()


@pytest.fixture
def sidecar(start, functions):
    return start(address=functions.address, options=[
        *FUNCTIONS, f"--limit-message-size={LIMIT}B", "--limit-commit-size=32KiB", "--projector-enabled=false"])


@pytest.fixture
def client(sidecar):
    return Client(sidecar)


def redirects(handler):
    handler.reply(307, "text/plain", b"", Location="http://127.0.0.1:9/handle")


def answers_a_page(handler):
    handler.reply(200, "text/html", b"<html>Welcome</html>")


def answers_another_type(handler):
    handler.reply(200, "application/json", b'{"events": []}')


def answers_no_record(handler):
    handler.reply(200, "avro/binary", b"\xff" * 20)


def answers_nothing(handler):
    handler.reply(200, "avro/binary", b"")


def answers_too_much(handler):
    handler.reply(200, "avro/binary", bytes(2 * LIMIT + 1))  # answers may have twice as much as requests


def has_no_content(handler):
    handler.send_response(204)
    handler.end_headers()


def speaks_no_http(handler):
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
    handler.close_connection = True


def fails(handler):
    handler.send_error(500, "Internal Server Error")


WRONG = [
    (redirects, Status.INTERNAL, "307"), (answers_a_page, Status.INTERNAL, "text/html"),
    (answers_another_type, Status.INTERNAL, "application/json"), (answers_no_record, Status.INTERNAL, "wrong answer"),
    (answers_nothing, Status.INTERNAL, "cut off"), (answers_too_much, Status.RESOURCE_EXHAUSTED, "longer than"),
    (has_no_content, Status.INTERNAL, "204"), (speaks_no_http, Status.INTERNAL, "not HTTP/1.1"),
    (fails, Status.UNKNOWN, "500 Internal Server Error")]


@pytest.mark.parametrize("wrong, status, words", WRONG, ids=[wrong.__name__ for wrong, *_ in WRONG])
def test_handle_that_goes_wrong_refuses_the_command(client, functions, wrong, status, words):
    root = new_root()
    functions.misbehave = wrong
    message = refused(lambda: client.handle(commands(root, b"0")), status)
    assert words in message and "handle" in message.lower()
    functions.misbehave = None
    client.handle(commands(root, b"1"))
    assert payloads(client.events(root)) == [b"1"]


@pytest.mark.parametrize("wrong, words", [(wrong, words) for wrong, _, words in WRONG],
                         ids=[wrong.__name__ for wrong, *_ in WRONG])
def test_apply_that_goes_wrong_refuses_the_command(client, functions, wrong, words):
    root = new_root()

    def fold_wrong(handler):
        if handler.path == "/apply":
            wrong(handler)
        else:
            functions.misbehave = wrong
            handler.reply(200, "avro/binary", functions.answer("/handle", handler.body))

    functions.misbehave = fold_wrong
    message = refused(lambda: client.handle(commands(root, b"0")), Status.INTERNAL)
    assert words in message and "event 0 of bank/" in message
    functions.misbehave = None
    client.handle(commands(root, b"1"))
    assert payloads(client.events(root)) == [b"1"]


def stalls(handler):
    handler.rfile.read(1)


def dies_half_way(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "avro/binary")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.close_connection = True


@pytest.mark.parametrize("wrong", [stalls, dies_half_way], ids=lambda each: each.__name__)
def test_functions_that_give_no_answer_are_waited_for(client, functions, wrong):
    root = new_root()
    functions.misbehave = wrong
    refused(lambda: client.handle(commands(root, b"0"), timeout=0.5), Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE)
    functions.misbehave = None
    client.handle(commands(root, b"1"))
    assert payloads(client.events(root)) == [b"1"]


def test_what_is_away_for_a_moment_is_asked_again(client, functions):
    def is_busy_once(handler):
        functions.misbehave = None
        handler.reply(503, "text/plain", b"starting")

    functions.misbehave = is_busy_once
    client.handle(commands(new_root(), b"0"))
    assert len(functions.headers) == 3  # twice /handle, once /apply


@pytest.mark.parametrize("status, code", [
    (400, Status.INVALID_ARGUMENT), (403, Status.PERMISSION_DENIED), (404, Status.NOT_FOUND),
    (409, Status.FAILED_PRECONDITION), (422, Status.FAILED_PRECONDITION), (429, Status.RESOURCE_EXHAUSTED)])
def test_a_refusal_reaches_the_client(client, functions, status, code):
    functions.misbehave = lambda handler: handler.reply(
        status, "application/problem+json", b'{"title": "Low", "detail": "the balance is too low"}')
    assert refused(lambda: client.handle(commands(new_root(), b"0")), code) == "the balance is too low"


def test_a_long_refusal_is_cut(client, functions):
    functions.misbehave = lambda handler: handler.reply(409, "text/plain", b"no " * 10_000)
    message = refused(lambda: client.handle(commands(new_root(), b"0")), Status.FAILED_PRECONDITION)
    assert message.startswith("no no ") and len(message) <= 4096


def test_connections_are_used_again(client, functions):
    for number in range(10):
        client.handle(commands(new_root(), b"%d" % number))
    assert functions.connections == 1


def test_the_trace_goes_along(sidecar, functions):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    told = Rest(sidecar)("POST", "/v1/domains/bank/aggregates/a/commands",
                         {"type": "json/Open", "payload": {}}, traceparent=trace)
    assert told.status == 200
    assert all(each["traceparent"].split("-")[1] == trace.split("-")[1] for each in functions.headers)


def test_http_is_for_functions(start, functions):
    with pytest.raises(DidNotStart, match="HTTP, which is for functions"):
        start(address=functions.address)


def test_the_status_tells_whether_functions_are_there(sidecar, functions, executable):
    def told():
        return subprocess.run([executable, "status", "--address", sidecar.addresses["command-handler"]],
                              capture_output=True, text=True, timeout=30).stdout

    assert f"{functions.address}" in told()
    functions.stop()
    assert eventually(lambda: "refused" in told())
