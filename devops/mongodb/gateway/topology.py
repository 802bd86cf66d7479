"""What this server says of itself: the only member of a replica set, and its primary unless it was told to step down."""

import time
from datetime import datetime, timedelta, timezone

from bson import ObjectId

from .errors import CommandFailed
from .wire import DOCUMENT_BYTES_MAX, MESSAGE_BYTES_MAX

SET_NAME = "outrider"
VERSION = "6.0.0"
WRITES_MAX = 25_000  # in one command: what the engine takes


class Topology:
    def __init__(self, port, user, clock_offset=0):
        self.address = f"127.0.0.1:{port}"
        self.user = user
        self.clock_offset = timedelta(seconds=clock_offset)
        self.secondary_until = 0
        self.election = 1
        self.process = ObjectId()

    @property
    def is_primary(self):
        return time.monotonic() >= self.secondary_until

    def step_down(self, seconds):
        self.secondary_until = time.monotonic() + seconds
        self.election += 1

    def check(self, writes, reads_from_secondary):
        if self.is_primary or (reads_from_secondary and not writes):
            return
        if writes:
            raise CommandFailed(10107, "NotWritablePrimary", "not primary")
        raise CommandFailed(13435, "NotPrimaryNoSecondaryOk", "not primary and secondaryOk=false")

    def hello(self, document, connection, primary_field):
        primary = self.is_primary
        answer = {
            "helloOk": True,
            primary_field: primary,
            "secondary": not primary,
            "setName": SET_NAME,
            "setVersion": 1,
            "hosts": [self.address],
            "me": self.address,
            "maxBsonObjectSize": DOCUMENT_BYTES_MAX,
            "maxMessageSizeBytes": MESSAGE_BYTES_MAX,
            "maxWriteBatchSize": WRITES_MAX,
            "localTime": datetime.now(timezone.utc) + self.clock_offset,
            "logicalSessionTimeoutMinutes": 30,
            "connectionId": connection,
            "minWireVersion": 0,
            "maxWireVersion": 17,
            "readOnly": False,
            "ok": 1.0,
        }
        if primary:
            answer |= {"primary": self.address, "electionId": ObjectId(f"7fffffff{self.election:016x}")}
        if "saslSupportedMechs" in document and self.user:
            answer["saslSupportedMechs"] = ["SCRAM-SHA-256"]
        return answer


BUILD = {
    "version": VERSION,
    "versionArray": [6, 0, 0, 0],
    "gitVersion": "DocumentDB behind Outrider's development gateway",
    "modules": [],
    "bits": 64,
    "maxBsonObjectSize": DOCUMENT_BYTES_MAX,
    "ok": 1.0,
}
