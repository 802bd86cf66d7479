"""HTTP/2 by hand: frames that no library would send, and what comes back (RFC 9113)."""

import socket
import struct

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, payload=b"", flags=0, stream=0):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def block(fields):
    """A header block of literals without indexing (RFC 7541 section 6.2.2)."""
    return b"".join(
        bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in fields)


def message(body, compressed=False):
    return struct.pack(">BI", compressed, len(body)) + body


class Connection:
    """A client that lets the server send nothing but header blocks on its streams, unless told otherwise."""

    def __init__(self, address, window=0):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.answered, self.ended, self.codes = set(), set(), {}
        self.next = 1
        self.received = b""
        self.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, struct.pack(">HI", 4, window)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, path, body=b"", *, gzip=False, ends=False, fields=()):
        """The bytes of a request on the next stream."""
        head = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "a"),
                ("content-type", "application/grpc"), ("te", "trailers"), *fields]
        if gzip:
            head.append(("grpc-encoding", "gzip"))
        stream, self.next = self.next, self.next + 2
        frames = frame(HEADERS, block(head), END_HEADERS, stream)
        for at in range(0, len(body), 16384):
            frames += frame(DATA, body[at:at + 16384], 0, stream)
        return frames + (frame(DATA, b"", END_STREAM, stream) if ends else b"")

    def read(self):
        """One frame: its kind, flags, stream and payload."""
        while len(self.received) < 9 or len(self.received) < 9 + self.length:
            data = self.socket.recv(1 << 16)
            if not data:
                raise ConnectionResetError("the server closed the connection")
            self.received += data
        length = self.length
        kind, flags, stream = self.received[3], self.received[4], struct.unpack(">I", self.received[5:9])[0]
        payload, self.received = self.received[9:9 + length], self.received[9 + length:]
        if kind == HEADERS:
            self.answered.add(stream)
        if kind == RESET or (kind in (HEADERS, DATA) and flags & END_STREAM):
            self.ended.add(stream)
        if kind == RESET:
            self.codes[stream] = struct.unpack(">I", payload)[0]
        if kind == SETTINGS and not flags & ACK:
            self.send(frame(SETTINGS, flags=ACK))
        return kind, flags, stream, payload

    @property
    def length(self):
        return int.from_bytes(self.received[:3], "big")

    def settle(self):
        """Reads until the server has looked at everything that was sent."""
        self.send(frame(PING, b"settled?"))
        while True:
            kind, flags, _, _ = self.read()
            if kind == PING and flags & ACK:
                return

    def read_until(self, condition):
        while not condition():
            self.read()
