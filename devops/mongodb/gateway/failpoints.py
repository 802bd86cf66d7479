"""MongoDB's `failCommand`: what a test uses to see a server fail at a moment of its choice.

https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point. Known in `data`: failCommands, errorCode, errorLabels,
closeConnection, writeConcernError, blockConnection with blockTimeMS, and whom it is for: namespace, appName.

Ours, for an outcome that the client cannot know: `afterCommand: true` lets the command run before it fails. Ours too, for tests
that run side by side: a fail point replaces only one that is for the same namespace and appName, and `mode: "off"` with both in
its `data` ends only that one.
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


class FailPoint:
    def __init__(self, data, left, skip):
        self.data, self.left, self.skip, self.hits = data, left, skip, 0
        self.commands = set(data.get("failCommands", ()))

    def hit(self, connection, command):
        """Whether it is to fail this command."""
        if self.left == 0 or command.name not in self.commands:
            return False
        if self.data.get("appName", connection.app) != connection.app:
            return False
        if "namespace" in self.data and self.data["namespace"] != namespace(command.document):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left -= self.left > 0
        self.hits += 1
        return True


def namespace(document):
    """Of a command on a collection."""
    target = document["collection"] if "getMore" in document else document[next(iter(document))]
    return f"{document.get('$db')}.{target}"


class FailPoints:
    def __init__(self):
        self.set = {}

    def configure(self, document):
        if document["configureFailPoint"] != "failCommand":
            raise CommandFailed(2, "BadValue", f"fail point not found: {document['configureFailPoint']}")
        mode = document.get("mode", "off")
        data = decode(bytes(document["data"].raw)) if "data" in document else {}
        whom = data.get("namespace"), data.get("appName")
        if mode == "off" and "data" not in document:
            hits = sum(each.hits for each in self.set.values())
            self.set.clear()
        else:
            was = self.set.pop(whom, None)
            hits = was.hits if was else 0
        if mode == "alwaysOn":
            self.set[whom] = FailPoint(data, -1, 0)
        elif mode != "off":
            self.set[whom] = FailPoint(data, int(mode.get("times", -1)), int(mode.get("skip", 0)))
        return {"count": hits, "ok": 1.0}

    def hit(self, connection, command):
        """The data of the fail point that is to fail this command, if one is."""
        return next((each.data for each in self.set.values() if each.hit(connection, command)), None)

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
            labels = {"errorLabels": data["errorLabels"]} if "errorLabels" in data else {}
            answer = reply if isinstance(reply, dict) else decode(reply)
            reply = encode(answer | {"writeConcernError": data["writeConcernError"]} | labels)
        return reply
