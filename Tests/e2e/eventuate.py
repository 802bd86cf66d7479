"""A client of Eventuate's REST and STOMP that sends just the bytes that a test says."""

import base64
import json
import queue
import socket
import threading
import time
import uuid

import pytest
from rest import Rest
from sidecar import Sidecar

TIMEOUT = 20
TYPE = "net.example.Account"
OPENED, CHANGED = "net.example.AccountOpened", "net.example.AccountChanged"
OPTIONS = ["--eventuate=true", "--projector-enabled=false"]


def basic(key, secret):
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


class Entities:
    """The REST API."""

    def __init__(self, sidecar, space="default", **headers):
        self.rest, self.space = Rest(sidecar, **headers), space

    def create(self, events=1, type=TYPE, **body):
        return self.rest("POST", f"/entity/{self.space}",
                         {"entityTypeName": type, "events": made(events, OPENED)} | body)

    def update(self, entity, version, events=1, type=TYPE, **body):
        return self.rest("POST", f"/entity/{self.space}/{type}/{entity}",
                         {"entityVersion": version, "events": made(events, CHANGED)} | body)

    def find(self, entity, query="", type=TYPE):
        return self.rest("GET", f"/entity/{self.space}/{type}/{entity}{query}")


def made(events, type):
    """So many events, or those that are given."""
    if not isinstance(events, int):
        return events
    return [event(type, {"index": index}) for index in range(events)]


def event(type, data, **more):
    return {"eventType": type, "eventData": json.dumps(data)} | more


def new_type():
    """An entity type, and so a domain, that nobody has used."""
    return f"net.example.T{uuid.uuid4().hex}"


# STOMP


def escaped(text):
    return text.replace("\\", "\\\\").replace(":", "\\c").replace("\n", "\\n").replace("\r", "\\r")


def unescaped(text):
    out, rest = "", iter(text)
    for character in rest:
        out += {"c": ":", "n": "\n", "r": "\r", "\\": "\\"}[next(rest)] if character == "\\" else character
    return out


class Frame:
    def __init__(self, data):
        head, _, body = data.partition("\n\n")
        self.command, *lines = head.split("\n")
        self.raw = dict(line.split(":", 1) for line in reversed(lines))
        self.headers = {name: unescaped(value) for name, value in self.raw.items()}
        self.body = body

    def __getitem__(self, name):
        return self.headers[name]

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.command} {self.raw} {self.body}"


class Stomp:
    """A connection. What comes is read in a thread, frame by frame and beat by beat, once `before_reading` returns."""

    def __init__(self, sidecar, wrap=lambda connection: connection, before_reading=lambda: None):
        host, _, port = sidecar.addresses["stomp"].rpartition(":")
        self.socket = wrap(socket.create_connection((host, int(port)), TIMEOUT))
        self.socket.settimeout(None)
        self.frames, self.beats, self.chunks = queue.Queue(), 0, []
        self.thread = threading.Thread(target=self._read, args=(before_reading,), daemon=True)
        self.thread.start()

    def _read(self, before_reading):
        data = b""
        before_reading()
        try:
            while part := self.socket.recv(65536):
                self.chunks.append(part)
                data += part
                while data:
                    if data[:1] == b"\n":
                        self.beats, data = self.beats + 1, data[1:]
                    elif b"\0" in data:
                        frame, _, data = data.partition(b"\0")
                        self.frames.put(Frame(frame.decode()))
                    else:
                        break
        except OSError:
            pass
        self.frames.put(None)

    def send_raw(self, data):
        self.socket.sendall(data)

    def send(self, command, escape=True, **headers):
        lines = [command] + [f"{name.replace('_', '-')}:{escaped(value) if escape else value}"
                             for name, value in headers.items()]
        self.send_raw(("\n".join(lines) + "\n\n\0").encode())

    def receive(self, timeout=TIMEOUT):
        """The next frame; None at the end of the connection."""
        return self.frames.get(timeout=timeout)

    def connect(self, login=None, passcode=None, **headers):
        if login is not None:
            headers |= {"login": login, "passcode": passcode}
        self.send("CONNECT", **({"accept_version": "1.0,1.1,1.2", "heart_beat": "60000,60000"} | headers))
        frame = self.receive()
        assert frame.command == "CONNECTED", frame
        self.connected = frame
        return self

    def subscribe(self, destination, id="1"):
        """Subscribes, and waits for the receipt."""
        text = destination if isinstance(destination, str) else json.dumps(destination)
        self.send("SUBSCRIBE", id=id, receipt=f"receipt-{id}", destination=text)
        frame = self.receive()
        assert (frame.command, frame["receipt-id"]) == ("RECEIPT", f"receipt-{id}"), frame
        return self

    def messages(self, count, acknowledge=True, timeout=TIMEOUT):
        """The next so many messages."""
        messages = []
        while len(messages) < count:
            frame = self.receive(timeout)
            assert frame and frame.command == "MESSAGE", frame
            messages.append(frame)
            if acknowledge:
                self.acknowledge(frame)
        return messages

    def acknowledge(self, frame):
        self.send("ACK", id=frame["ack"])

    def nothing_comes(self, seconds=1.0):
        """Whether no frame comes meanwhile."""
        try:
            frame = self.receive(seconds)
        except queue.Empty:
            return True
        raise AssertionError(frame)

    def disconnect(self):
        """Ends the connection once all that was acknowledged is stored."""
        self.send("DISCONNECT", receipt="bye")
        while frame := self.receive():
            if frame.command == "RECEIPT" and frame["receipt-id"] == "bye":
                break
        self.close()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()


def destination(subscriber, type=TYPE, events=(OPENED, CHANGED), **more):
    return {"entityTypesAndEvents": {type: list(events)}, "subscriberId": subscriber} | more


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


@pytest.fixture(scope="module")
def sidecar(executable, tmp_path_factory):
    with Sidecar(executable, tmp_path_factory.mktemp("data"), domain=None, options=OPTIONS) as sidecar:
        yield sidecar


@pytest.fixture
def entities(sidecar):
    return Entities(sidecar)
