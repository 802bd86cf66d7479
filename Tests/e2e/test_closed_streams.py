"""Frames on streams that the client has ended or reset (RFC 9113 section 5.1): STREAM_CLOSED.

The same as h2spec's cases http2/5.1/5 to 5.1/13. An answer may end the stream or the whole connection.
"""

import struct

import pytest
from frames import (
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RESET, Connection, block, frame,
    message)
from outrider.v1 import log_pb2
from sidecar import DOMAIN

PROTOCOL_ERROR, STREAM_CLOSED, CANCEL = 1, 5, 8

FOLLOW = message(log_pb2.ReadLogRequest(domain=DOMAIN, follow=True).SerializeToString())
FIELDS = [(":method", "POST"), (":scheme", "http"), (":path", "/a/B"), (":authority", "a")]
LATE = {
    "DATA": lambda stream: frame(DATA, b"test", END_STREAM, stream),
    "HEADERS": lambda stream: frame(HEADERS, block(FIELDS), END_STREAM | END_HEADERS, stream),
    "CONTINUATION": lambda stream: frame(CONTINUATION, block([("a", "b")]), END_HEADERS, stream),
}
#: What h2spec accepts. A CONTINUATION without an open header block is also against section 6.10.
ACCEPTED = {"DATA": {STREAM_CLOSED}, "HEADERS": {STREAM_CLOSED}, "CONTINUATION": {STREAM_CLOSED, PROTOCOL_ERROR}}


def half_closed(peer):
    """A stream whose request has ended, and whose answer goes on."""
    return peer.request("/outrider.v1.Log/Read", FOLLOW, ends=True), lambda: True


def reset(peer):
    """A stream that the client resets in the middle of its request."""
    return peer.request("/outrider.v1.Log/Read") + frame(RESET, struct.pack(">I", CANCEL), 0, 1), lambda: True


def ended(peer):
    """A stream whose request and answer have ended."""
    return peer.request("/no.Such/Method", ends=True), lambda: 1 in peer.ended


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("state", [half_closed, reset, ended])
def test_frame_on_a_stream_that_has_ended(shared, state, late):
    with query_handler(shared) as peer:
        request, is_so = state(peer)
        peer.send(request)
        peer.read_until(is_so)
        peer.settle()
        peer.send(LATE[late](1))
        assert code_of_stream_1(peer) in ACCEPTED[late]
    assert_serves(shared)


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("state", [half_closed, reset])
def test_frame_that_comes_together_with_the_end(shared, state, late):
    """All in one piece, as a network may deliver them."""
    with query_handler(shared) as peer:
        request, _ = state(peer)
        peer.send(request + LATE[late](1))
        assert code_of_stream_1(peer) in ACCEPTED[late]
    assert_serves(shared)


def query_handler(shared):
    return Connection(shared[0].addresses["query-handler"])


def code_of_stream_1(peer):
    """Of the RST_STREAM or GOAWAY with which the server answers."""
    while True:
        kind, _, stream, payload = peer.read()
        if kind == RESET and stream == 1:
            return struct.unpack(">I", payload)[0]
        if kind == GOAWAY:
            return struct.unpack(">I", payload[4:8])[0]


def assert_serves(shared):
    with query_handler(shared) as peer:
        peer.settle()
