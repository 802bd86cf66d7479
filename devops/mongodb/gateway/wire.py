"""MongoDB's wire protocol: messages to requests and replies to messages. No input or output.

OP_MSG: https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md. Of the older opcodes only OP_QUERY is
left, by which drivers say their first hello.
"""

from dataclasses import dataclass, field
from struct import Struct

from bson import encode
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument

MESSAGE_BYTES_MAX = 48_000_000
DOCUMENT_BYTES_MAX = 16 * 1024 * 1024
COMMAND_BYTES_MAX = DOCUMENT_BYTES_MAX + 16 * 1024  # of any document in a message: a full one and what is said about it

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CHECKSUM_PRESENT, MORE_TO_COME = 1, 2
REQUIRED_FLAGS = 0xFFFF  # a receiver must refuse those of them that it does not know

HEADER = Struct("<iiii")
INT32 = Struct("<i")
MSG_PREFIX = Struct("<iiiiIB")
REPLY_PREFIX = Struct("<iiiiiqii")


class BadMessage(Exception):
    """What came is no message. The connection cannot be used any more."""


@dataclass(slots=True)
class Request:
    """One command, as it came: its own document, and the documents sent beside it by the name of the field they belong to."""

    raw: bytes
    number: int
    opcode: int = OP_MSG
    wants_reply: bool = True
    sequences: dict = field(default_factory=dict)
    document: RawBSONDocument = None
    name: str = ""

    def __post_init__(self):
        try:
            self.document = RawBSONDocument(self.raw)
            self.name = next(iter(self.document), "")
        except (InvalidBSON, UnicodeDecodeError, ValueError) as error:
            raise BadMessage(str(error)) from error


def header(data):
    """Length of what follows, request number and opcode."""
    length, number, _, opcode = HEADER.unpack(data)
    if not HEADER.size < length <= MESSAGE_BYTES_MAX + HEADER.size:
        raise BadMessage(f"a message of {length} bytes")
    if opcode not in (OP_MSG, OP_QUERY):
        raise BadMessage(f"opcode {opcode} is not supported")
    return length - HEADER.size, number, opcode


def request(body, number, opcode):
    return _query(body, number) if opcode == OP_QUERY else _message(body, number)


def _message(body, number):
    if len(body) < 9:
        raise BadMessage("too short")
    flags = int.from_bytes(body[:4], "little")
    if flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME):
        raise BadMessage(f"unknown flags {flags:#x}")
    end = len(body) - (4 if flags & CHECKSUM_PRESENT else 0)
    position, raw, sequences = 4, None, {}
    while position < end:
        kind = body[position]
        start = position + 1
        size = _size(body, start, end)
        position = start + size
        if kind == 0 and raw is None:
            raw = body[start:position]
        elif kind == 1:
            zero = body.find(b"\0", start + 4, position)
            if zero < 0:
                raise BadMessage("a document sequence without a name")
            name = body[start + 4 : zero].decode("utf-8", "replace")
            if name in sequences:
                raise BadMessage(f"two document sequences named {name}")
            sequences[name] = body[zero + 1 : position]
        else:
            raise BadMessage(f"section of kind {kind}")
    if raw is None:
        raise BadMessage("no command")
    for sequence in sequences.values():
        split(sequence)
    return Request(raw, number, OP_MSG, not flags & MORE_TO_COME, sequences)


def _query(body, number):
    zero = body.find(b"\0", 4)
    if zero < 0:
        raise BadMessage("no collection")
    start = zero + 9
    size = _size(body, start, len(body))
    return Request(body[start : start + size], number, OP_QUERY)


def _size(body, start, end):
    """The size of the document or section at `start`, which counts itself."""
    if start + 4 > end:
        raise BadMessage("cut off")
    size = INT32.unpack_from(body, start)[0]
    if size < 5 or start + size > end:
        raise BadMessage(f"a section of {size} bytes where {end - start} are left")
    return size


def largest(request):
    """The document that takes the most bytes of all in a request, or None if none can be too large."""
    parts = [request.raw, *request.sequences.values()]
    if all(len(part) <= COMMAND_BYTES_MAX for part in parts):
        return None
    return max((request.raw, *(each for part in request.sequences.values() for each in split(part))), key=len)


def split(sequence):
    """The documents of a sequence."""
    documents, position, end = [], 0, len(sequence)
    while position < end:
        size = _size(sequence, position, end)
        documents.append(sequence[position : position + size])
        position += size
    return documents


def reply(to, document):
    """The message that answers a request, with a document or the bytes of one."""
    raw = document if isinstance(document, bytes) else encode(document)
    if to.opcode == OP_QUERY:
        return REPLY_PREFIX.pack(REPLY_PREFIX.size + len(raw), 0, to.number, OP_REPLY, 8, 0, 0, 1) + raw
    return MSG_PREFIX.pack(MSG_PREFIX.size + len(raw), 0, to.number, OP_MSG, 0, 0) + raw
