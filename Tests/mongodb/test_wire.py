"""Messages that are none: they cost their sender the connection, and nobody else anything."""

import random
import socket
from struct import pack, unpack

import pytest
from bson import decode, encode
from pymongo.uri_parser import parse_uri

OP_QUERY, OP_COMPRESSED, OP_MSG = 2004, 2012, 2013
PING = encode({"ping": 1, "$db": "admin"})


class Wire:
    def __init__(self, server):
        self.socket = socket.create_connection(parse_uri(server)["nodelist"][0], 10)

    def send(self, body, opcode=OP_MSG, length=None):
        self.socket.sendall(pack("<iiii", 16 + len(body) if length is None else length, 1, 0, opcode) + body)

    def message(self, document=PING, flags=0, more=b""):
        self.send(pack("<IB", flags, 0) + document + more)

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                return None
            data += part
        return data

    def reply(self):
        """The document, or None if the connection was closed."""
        try:
            head = self.read(16)
            body = head and self.read(unpack("<i", head[:4])[0] - 16)
            return body and decode(body[5:])
        except ConnectionError:
            return None


@pytest.fixture
def wire(server, ours):
    wire = Wire(server)
    yield wire
    wire.socket.close()


def test_a_message_is_answered(wire):
    wire.message()
    assert wire.reply()["ok"] == 1


@pytest.mark.parametrize("body, opcode, length", [
    (b"", OP_MSG, 0), (b"", OP_MSG, 15), (b"", OP_MSG, -1), (b"", OP_MSG, 1 << 30),
    (b"", OP_MSG, None), (b"\0\0\0\0", OP_MSG, None),
    (PING, 1, None), (PING, OP_COMPRESSED, None), (PING, OP_QUERY, None),
    (pack("<IB", 1 << 7, 0) + PING, OP_MSG, None),  # a required flag that nobody knows
    (pack("<IB", 0, 7) + PING, OP_MSG, None),  # a section of unknown kind
    (pack("<IB", 0, 0) + PING + b"\0" + PING, OP_MSG, None),  # two commands
    (pack("<IBi", 0, 0, 1000), OP_MSG, None),  # a document longer than the message
    (pack("<IBi", 0, 0, -5), OP_MSG, None),
    (pack("<IB", 0, 0) + PING + pack("<Bi", 1, 20) + b"documents\0" + pack("<i", 99), OP_MSG, None),
    (pack("<IB", 0, 0) + b"\x0b\0\0\0\x10a\0\1\0\0\0", OP_MSG, None),  # no end
])
def test_what_is_no_message_closes_the_connection(wire, server, body, opcode, length):
    wire.send(body, opcode, length)
    assert wire.reply() is None
    other = Wire(server)
    other.message()
    assert other.reply()["ok"] == 1
    other.socket.close()


def test_a_message_with_a_checksum_is_taken(wire):
    wire.message(flags=1, more=b"\0\0\0\0")
    assert wire.reply()["ok"] == 1


def test_more_to_come_is_not_answered(wire):
    wire.message(encode({"insert": "log", "documents": [], "$db": "test"}), flags=2)
    wire.message()
    assert wire.reply() == {"ok": 1.0}


def test_a_message_in_pieces_is_read(wire):
    data = pack("<iiiiIB", 21 + len(PING), 1, 0, OP_MSG, 0, 0) + PING
    for byte in data:
        wire.socket.sendall(bytes([byte]))
    assert wire.reply()["ok"] == 1


@pytest.mark.parametrize("document", [
    {}, {"": 1}, {"insert": 1, "$db": "test"}, {"insert": "log", "$db": 1}, {"insert": "log", "documents": 1, "$db": "test"},
    {"insert": "", "documents": [{}], "$db": "test"}, {"insert": "log", "documents": [1], "$db": "test"}, {"insert": "log", "$db": "test"},
    {"update": "log", "updates": [{"q": 1}], "$db": "test"}, {"find": "log", "$db": "test", "maxTimeMS": -1},
    {"find": "log", "$db": "test", "lsid": 1, "autocommit": False}, {"find": "log", "$db": "te\0st"}, {"find": "lo\0g", "$db": "test"},
    {"insert": "log", "documents": [{}], "$db": "test", "lsid": {"id": 1}, "txnNumber": "a"},
    {"getMore": "a", "collection": 1, "$db": "test"}, {"killCursors": "log", "$db": "test"}, {"saslStart": 1, "$db": "admin"},
    {"configureFailPoint": "failCommand", "mode": {"times": "a"}, "$db": "admin"}, {"setParameter": 1, "$db": "admin"},
    {"createIndexes": "log", "indexes": [{}], "$db": "test"}, {"find": "log", "$readPreference": 1, "$db": "test"},
    {"find": "log", "readConcern": 1, "$db": "test"}, {"insert": "log", "documents": [{}], "writeConcern": {"w": []}, "$db": "test"},
])
def test_a_command_that_makes_no_sense_is_refused(wire, document):
    wire.message(encode(document))
    answer = wire.reply()
    assert answer["ok"] == 0 or "writeErrors" in answer
    if answer["ok"] == 0:
        assert answer["code"] and answer["codeName"] and answer["errmsg"]
    wire.message()
    assert wire.reply()["ok"] == 1


def test_damaged_messages_do_no_harm(server, ours):
    chance = random.Random(1)
    whole = pack("<IB", 0, 0) + encode({"find": "log", "filter": {"a": {"$gt": 1}}, "limit": 1, "$db": "test", "lsid": {"id": b"1"}})
    wire = Wire(server)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        wire.send(bytes(damaged))
        wire.message()
        if wire.reply() is None or damaged[0] & 2 == 0 and wire.reply() is None:
            wire.socket.close()
            wire = Wire(server)
    wire.socket.close()
    wire = Wire(server)
    wire.message()
    assert wire.reply()["ok"] == 1
    wire.socket.close()
