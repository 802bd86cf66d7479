"""MongoDB's `failCommand`: what a test uses to see a server fail at a moment of its choice.

https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point. Known in `data`: failCommands, errorCode, errorLabels,
closeConnection, writeConcernError, blockConnection with blockTimeMS. Ours, for an outcome that the client cannot know:
`afterCommand: true` lets the command run before it fails.
"""

import asyncio

from bson import decode, encode

from .errors import STATES, RETRYABLE, CommandFailed

NAMES = dict(STATES.values()) | {
    6: "HostUnreachable", 7: "HostNotFound", 64: "WriteConcernFailed", 89: "NetworkTimeout", 91: "ShutdownInProgress",
    189: "PrimarySteppedDown", 262: "ExceededTimeLimit", 9001: "SocketException", 10107: "NotWritablePrimary",
    11600: "InterruptedAtShutdown", 11602: "InterruptedDueToReplStateChange", 13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}
# The codes for which a server tells drivers that a retry is worth it.
RETRYABLE_CODES = {6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}


class ConnectionClosed(Exception):
    """The fail point asks for the connection to be closed, with no answer."""


class FailPoints:
    def __init__(self):
        self.data, self.left, self.skip, self.hits = None, 0, 0, 0

    def configure(self, document):
        if document["configureFailPoint"] != "failCommand":
            raise CommandFailed(2, "BadValue", f"fail point not found: {document['configureFailPoint']}")
        mode = document.get("mode", "off")
        before = self.hits
        self.data, self.left, self.skip = None, 0, 0
        if mode != "off":
            self.data = decode(bytes(document["data"].raw)) if "data" in document else {}
            self.left = -1
            if mode != "alwaysOn":
                self.left, self.skip = int(mode.get("times", -1)), int(mode.get("skip", 0))
        return {"count": before, "ok": 1.0}

    def hit(self, command):
        """The fail point's data if it is to fail this command."""
        data = self.data
        if data is None or self.left == 0 or command.name not in data.get("failCommands", ()):
            return None
        if self.skip:
            self.skip -= 1
            return None
        if self.left > 0:
            self.left -= 1
        self.hits += 1
        return data

    @staticmethod
    async def fail(data, run):
        """In place of `run()`, which gives the bytes of a reply."""
        if data.get("blockConnection"):
            await asyncio.sleep(data.get("blockTimeMS", 0) / 1000)
        refused = data.get("closeConnection") or "errorCode" in data
        reply = await run() if data.get("afterCommand") or not refused else None
        if data.get("closeConnection"):
            raise ConnectionClosed
        if "errorCode" in data:
            code = data["errorCode"]
            labels = data.get("errorLabels", [RETRYABLE] if code in RETRYABLE_CODES else [])
            raise CommandFailed(
                code, NAMES.get(code, f"Location{code}"), "Failing command via 'failCommand' failpoint", labels)
        if "writeConcernError" in data:
            reply = encode(decode(reply) | {"writeConcernError": data["writeConcernError"]}
                           | ({"errorLabels": data["errorLabels"]} if "errorLabels" in data else {}))
        return reply
