"""SASL for clients of a broker that does not ask who they are: PLAIN (RFC 4616) and SCRAM (RFC 5802), as Kafka speaks them."""

import base64
import hashlib
import hmac
import os
import struct

SASL_HANDSHAKE, SASL_AUTHENTICATE = 17, 36
UNSUPPORTED_MECHANISM, AUTHENTICATION_FAILED = 33, 58
ITERATIONS = 4096
#: Of a request, behind its size: key, version, correlation id, and the length of the client's name; -1 for none.
HEADER = struct.Struct(">hhih")


class Refused(Exception):
    """The client gave a wrong user or password."""


async def authenticate(reader, writer, ask, user, password):
    """Returns once the client has proved that it knows the password. `ask` has the broker answer what comes before."""
    exchange = None
    while True:
        request = await read_frame(reader)
        key, version, correlation, name = HEADER.unpack_from(request, 4)
        content = request[4 + HEADER.size + max(name, 0):]
        if key == SASL_HANDSHAKE:
            mechanism = MECHANISMS.get(content[2:])
            exchange = mechanism and mechanism(user.encode(), password.encode())
            names = b"".join(struct.pack(">h", len(each)) + each for each in MECHANISMS)
            respond(writer, correlation, struct.pack(">hi", 0 if mechanism else UNSUPPORTED_MECHANISM, len(MECHANISMS)) + names)
            if exchange:
                next(exchange)
        elif key == SASL_AUTHENTICATE:
            end = bytes(8 * (version > 0))  # how long the session lasts
            try:
                answer, is_last = exchange.send(content[4:])
            except Refused as refusal:
                message = str(refusal).encode()
                respond(writer, correlation, struct.pack(">hh", AUTHENTICATION_FAILED, len(message)) + message + bytes(4) + end)
                await writer.drain()
                raise
            respond(writer, correlation, struct.pack(">hhi", 0, -1, len(answer)) + answer + end)
            if is_last:
                return
        else:
            writer.write(await ask(request))


def plain(user, password):
    """Takes the client's messages; yields each answer, and whether it is the last."""
    said = yield
    if said.split(b"\0")[1:] != [user, password]:
        raise Refused("wrong user or password")
    yield b"", True


def scram(algorithm):
    def exchange(user, password):
        first = (yield).split(b",", 2)[2]  # behind what it says of channel binding
        said = attributes(first)
        nonce = said[b"r"] + base64.b64encode(os.urandom(18))
        salt = os.urandom(16)
        offer = b"r=%b,s=%b,i=%d" % (nonce, base64.b64encode(salt), ITERATIONS)
        final = yield offer, False

        without_proof, _, proof = final.rpartition(b",p=")
        salted = hashlib.pbkdf2_hmac(algorithm, password, salt, ITERATIONS)
        everything = b",".join([first, offer, without_proof])

        def signature(key):
            return hmac.digest(key, everything, algorithm)

        client_key = hmac.digest(salted, b"Client Key", algorithm)
        expected = signature(hashlib.new(algorithm, client_key).digest())
        is_right = bytes(a ^ b for a, b in zip(client_key, expected)) == base64.b64decode(proof)
        if said[b"n"] != user or attributes(without_proof)[b"r"] != nonce or not is_right:
            raise Refused("wrong user or password")
        yield b"v=" + base64.b64encode(signature(hmac.digest(salted, b"Server Key", algorithm))), True

    return exchange


def attributes(message):
    return dict(part.split(b"=", 1) for part in message.split(b","))


MECHANISMS = {b"PLAIN": plain, b"SCRAM-SHA-256": scram("sha256"), b"SCRAM-SHA-512": scram("sha512")}


def respond(writer, correlation, content):
    writer.write(struct.pack(">ii", 4 + len(content), correlation) + content)


async def read_frame(reader):
    """A request or an answer, with its size before it."""
    size = await reader.readexactly(4)
    return size + await reader.readexactly(struct.unpack(">i", size)[0])
