"""A plain client of the gateway: one request a connection, and streams of server-sent events."""

import base64
import http.client
import json
import socket
from types import SimpleNamespace
from urllib.parse import quote

TIMEOUT = 20
BYTES = "google.protobuf.BytesValue"


class Rest:
    def __init__(self, sidecar, **headers):
        self.address = sidecar.addresses["gateway"]
        self.headers = headers

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=TIMEOUT)

    def __call__(self, method, path, body=None, **headers):
        """The answer: status, headers, and what is in its JSON. `_` stands for `-` in names of headers."""
        fields = {name.replace("_", "-"): value for name, value in (self.headers | headers).items()}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return SimpleNamespace(
            status=response.status, headers=response.headers, data=data,
            json=json.loads(data) if is_json and data else None)

    def follow(self, path, **headers):
        return Follower(self.connect(), path, self.headers | headers)


class Follower:
    """A stream of server-sent events, each of them (id, type, data)."""

    def __init__(self, connection, path, headers):
        self.connection = connection
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Accept": "text/event-stream"} | fields)
        self.response = connection.getresponse()
        self.comments = 0

    def __iter__(self):
        return self

    def __next__(self):
        event = {}
        while line := self.response.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif "data" in event:
                return event.get("id"), event.get("event"), json.loads(event["data"])
            else:
                self.comments += 1
                event = {}
        raise StopIteration

    def take(self, count):
        return [next(self) for _ in range(count)]

    def close(self):
        self.response.close()
        self.connection.close()


def raw(sidecar, data, timeout=TIMEOUT):
    """All that is answered to these bytes, until the server closes or says nothing for a second."""
    host, _, port = sidecar.addresses["gateway"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout) as connection:
        connection.sendall(data)
        answer = b""
        connection.settimeout(1)
        try:
            while part := connection.recv(65536):
                answer += part
        except TimeoutError:
            pass
        return answer


def aggregate(root, domain="bank"):
    return f"/v1/domains/{quote(domain, safe='')}/aggregates/{quote(str(root), safe='')}"


def bytes_value(text):
    """A command or an event of a type that is known everywhere."""
    return {"type": BYTES, "payload": base64.b64encode(text.encode()).decode()}
