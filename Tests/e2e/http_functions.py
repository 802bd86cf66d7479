"""Functions behind HTTP that do what a test tells them, right and wrong."""

import io
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fastavro
from evented import evented_pb2 as evented
from google.protobuf import any_pb2
from logic import decide, fold
from outrider.v1 import entity_pb2
from sidecar import TOP

SCHEMA = fastavro.schema.load_schema(TOP / "proto/outrider/v1/functions.avsc")
TYPES = {each["name"].rpartition(".")[2]: each for each in SCHEMA}
#: The status of HTTP that says the same as one of gRPC.
STATUS = {"INVALID_ARGUMENT": 400, "PERMISSION_DENIED": 403, "FAILED_PRECONDITION": 409}


def written(name, record):
    body = io.BytesIO()
    fastavro.schemaless_writer(body, TYPES[name], record)
    return body.getvalue()


def read(name, body):
    rest = io.BytesIO(body)
    record = fastavro.schemaless_reader(rest, TYPES[name], None)
    assert not rest.read()
    return record


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = STATUS[status.name]


class Call:
    """The part of gRPC's context that functions use."""

    def abort(self, status, message):
        raise Refused(status, message)


class HTTPFunctions:
    """A server of both functions, with the attributes of `Logic`: `decide` and `fold` get the messages of gRPC.
    `misbehave` gets the request's handler, and writes whatever it wants to."""

    def __init__(self, address="http://127.0.0.1:0"):
        port = int(address.rpartition(":")[2])
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.functions = self
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.decide, self.fold, self.misbehave = decide, fold, None
        self.questions, self.folds = [], []
        self.headers, self.connections = [], 0
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path, body):
        if path == "/handle":
            request = handle_request(read("HandleRequest", body))
            self.questions.append(request)
            answer = self.decide(request, Call())
            return answer if isinstance(answer, bytes) else written("HandleResponse", handle_response(answer))
        request = apply_request(read("ApplyRequest", body))
        self.folds.append(request)
        answer = self.fold(request, Call())
        if isinstance(answer, bytes):
            return answer
        return written("ApplyResponse", {"state": state_record(answer.state)}) if answer.HasField("state") else b""

    def stop(self):
        self.server.shutdown()
        self.server.close_all()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *arguments):
        self.open = set()
        super().__init__(*arguments)

    def process_request(self, request, client_address):
        self.functions.connections += 1
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def close_all(self):
        """As a process that ends: listener and connections are gone."""
        self.server_close()
        for connection in list(self.open):
            self.shutdown_request(connection)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.reply(200 if self.path == "/health" else 404, "text/plain", b"")

    def do_POST(self):
        functions = self.server.functions
        functions.headers.append(dict(self.headers))
        self.body = self.rfile.read(int(self.headers["content-length"]))
        if functions.misbehave:
            functions.misbehave(self)
            return
        assert self.headers["content-type"] == "avro/binary"
        try:
            self.reply(200, "avro/binary", functions.answer(self.path, self.body))
        except Refused as refusal:
            self.reply(refusal.status, "text/plain", str(refusal).encode())

    def reply(self, status, kind, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


# Avro's records as the messages of gRPC, and back.


def handle_request(record):
    book = evented.CommandBook(
        cover=cover(record), command_id=record["commandId"] or "", correlation=record["correlation"],
        headers=record["headers"])
    for command in record["commands"]:
        book.pages.add(
            command=payload(command["payload"]), entity=command["entity"] or "", synchronous=command["synchronous"])
    return entity_pb2.HandleRequest(command=book, state=state(record["state"]), next=record["next"])


def handle_response(answer):
    return {"events": [
        {"entity": page.entity or None, "payload": payload_record(page.Event), "synchronous": page.synchronous}
        for page in answer.pages]}


def apply_request(record):
    book = evented.EventBook(cover=cover(record))
    for event in record["events"]:
        page = book.pages.add(num=event["sequence"], Event=payload(event["payload"]), entity=event["entity"] or "")
        page.createdAt.FromDatetime(event["createdAt"])
    return entity_pb2.ApplyRequest(events=book, state=state(record["state"]))


def cover(record):
    return evented.Cover(domain=record["domain"], root=evented.UUID(value=uuid.UUID(record["root"]).bytes))


def payload(record):
    return any_pb2.Any(type_url=record["type"], value=record["value"])


def payload_record(packed):
    return {"type": packed.type_url, "value": packed.value}


def state(record):
    if record is None:
        return None
    return entity_pb2.AggregateState(
        root=record["root"] and payload(record["root"]),
        members={name: payload(member) for name, member in record["members"].items()})


def state_record(message):
    return {
        "root": payload_record(message.root) if message.HasField("root") else None,
        "members": {name: payload_record(member) for name, member in message.members.items()}}
