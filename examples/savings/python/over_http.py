"""Two functions behind HTTP, with nothing but Python's own server and fastavro.

Bodies are records of proto/outrider/v1/functions.avsc, in Avro's binary encoding.
"""

import io
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fastavro
from fastavro.schema import parse_schema
from payloads import pack, unpack
from refusal import Refused

CONTRACT = Path(__file__).parents[3] / "proto/outrider/v1/functions.avsc"
SCHEMAS = {each["name"].removeprefix("outrider.v1."): each
           for each in parse_schema(json.loads(CONTRACT.read_text()))}


def serve(decide, fold, address):
    host, _, port = address.rpartition(":")
    handler = type("Handler", (Functions,), {"decide": staticmethod(decide), "fold": staticmethod(fold)})
    server = Server((host, int(port)), handler)
    print("functions are served over HTTP", flush=True)
    server.serve_forever()


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


class Functions(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # Outrider keeps its connections
    disable_nagle_algorithm = True  # headers and body are two writes

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            match self.path:
                case "/handle":
                    self.answer("HandleResponse", self.handle_commands(read("HandleRequest", body)))
                case "/apply":
                    self.answer("ApplyResponse", self.apply_events(read("ApplyRequest", body)))
                case _:
                    self.reply(404, "text/plain", b"there are /handle and /apply")
        except (Refused, LookupError) as refusal:
            self.reply(409, "text/plain", str(refusal).encode())

    def do_GET(self):
        self.reply(200 if self.path == "/health" else 404, "text/plain", b"")

    def handle_commands(self, request):
        commands = [(each["entity"], unpack(*each["payload"].values())) for each in request["commands"]]
        events = self.decide(request["domain"], commands, *unpacked(request["state"]))
        return {"events": [
            {"entity": name, "payload": packed(event), "synchronous": command["synchronous"]}
            for command, (name, event) in zip(request["commands"], events, strict=True)]}

    def apply_events(self, request):
        events = [(each["entity"], unpack(*each["payload"].values())) for each in request["events"]]
        root, members = self.fold(events, *unpacked(request["state"]))
        return {"state": {
            "root": packed(root), "members": {name: packed(member) for name, member in members.items()}}}

    def answer(self, name, record):
        body = io.BytesIO()
        fastavro.schemaless_writer(body, SCHEMAS[name], record)
        self.reply(200, "avro/binary", body.getvalue())

    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Outrider tells of what fails."""


def read(name, body):
    return fastavro.schemaless_reader(io.BytesIO(body), SCHEMAS[name], None)


def packed(record):
    kind, value = pack(record)
    return {"type": kind, "value": value}


def unpacked(state):
    """The states of the root, if there is one, and of the members."""
    if state is None:
        return None, {}
    root = state["root"] and unpack(*state["root"].values())
    return root, {name: unpack(*member.values()) for name, member in state["members"].items()}
