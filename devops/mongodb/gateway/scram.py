"""SCRAM-SHA-256 (RFC 7677) for the one user that the engine may be started with."""

import base64
import hashlib
import hmac
import os
import unicodedata

from .errors import CommandFailed

ITERATIONS = 4096


class Scram:
    """The secrets of one user: enough to check a proof, not to give one."""

    def __init__(self, user, password):
        self.user = user
        self.salt = os.urandom(28)  # as long as MongoDB makes it: libmongoc refuses any other
        salted = hashlib.pbkdf2_hmac("sha256", unicodedata.normalize("NFKC", password).encode(), self.salt, ITERATIONS)
        self.stored_key = hashlib.sha256(digest(salted, b"Client Key")).digest()
        self.server_key = digest(salted, b"Server Key")

    def begin(self, payload):
        """The conversation, after the client's first message."""
        try:
            bare = bytes(payload).decode().split(",", 2)[2]
            fields = parse(bare)
            user = fields["n"].replace("=2C", ",").replace("=3D", "=")
            nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        except (ValueError, KeyError, IndexError) as error:
            raise refused() from error
        # Who does not exist is told so only after the proof, and in the same words.
        return Conversation(self, bare, nonce, user == self.user)


class Conversation:
    def __init__(self, scram, client_first, nonce, known):
        self.scram, self.client_first, self.nonce, self.known = scram, client_first, nonce, known
        self.first = f"r={nonce},s={base64.b64encode(scram.salt).decode()},i={ITERATIONS}"

    def finish(self, payload):
        """The server's last message, once the proof is right."""
        try:
            without_proof, _, proof = bytes(payload).decode().rpartition(",p=")
            fields, proof = parse(without_proof), base64.b64decode(proof)
        except (ValueError, KeyError) as error:
            raise refused() from error
        signed = f"{self.client_first},{self.first},{without_proof}".encode()
        signature = digest(self.scram.stored_key, signed)
        key = bytes(one ^ other for one, other in zip(signature, proof))
        right = hmac.compare_digest(hashlib.sha256(key).digest(), self.scram.stored_key)
        if not (self.known and right and fields.get("r") == self.nonce):
            raise refused()
        return "v=" + base64.b64encode(digest(self.scram.server_key, signed)).decode()


def refused():
    return CommandFailed(18, "AuthenticationFailed", "Authentication failed.")


def digest(key, message):
    return hmac.digest(key, message, "sha256")


def parse(message):
    return dict(part.split("=", 1) for part in message.split(","))
