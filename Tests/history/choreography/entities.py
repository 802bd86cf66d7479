"""Eventuate's REST API, used as its clients do."""

import http.client
import json
import threading
from collections import namedtuple

HEADERS = {"Content-Type": "application/json"}
TIMEOUT = 30  # seconds, of a request

#: An event as REST and STOMP tell of it. `token` is None where it was found.
Event = namedtuple("Event", "id type data entity token")


class Unexpected(Exception):
    """An answer that is none of those that a client can go on with."""


class Entities:
    """Entities at any of the gateways. Several threads may use it: each has a connection of its own."""

    def __init__(self, gateways):
        """`gateways` are addresses. The first is asked as long as it answers, then the next."""
        self.gateways, self.thread = gateways, threading.local()
        self.pause = threading.Event()

    def create(self, type, id, event, data):
        """Creates the entity, unless it was created before."""
        answer = self.ask("POST", "/entity/default", {
            "entityTypeName": type, "entityId": id, "events": [written(event, data)]})
        if answer.get("error") != "entity_exists":
            expect("eventIds", answer)

    def find(self, type, id):
        """All events of the entity."""
        answer = self.ask("GET", f"/entity/default/{type}/{id}")
        return [found(event, id) for event in expect("events", answer)]

    def update(self, type, id, token, decide):
        """Adds the event (type and data) that `decide` makes of those that are there, unless the token's event has
        updated the entity before. False where there is no such entity."""
        path = f"/entity/default/{type}/{id}"
        while True:
            answer = self.ask("GET", f"{path}?triggeringEventToken={token}")
            if answer.get("error") == "duplicate_event":
                return True
            past = [found(event, id) for event in expect("events", answer)]
            if not past:
                return False
            answer = self.ask("POST", path, {
                "entityVersion": past[-1].id, "events": [written(*decide(past))], "triggeringEventToken": token})
            if answer.get("error") == "optimistic_lock_error":
                continue
            if answer.get("error") != "duplicate_event":
                expect("eventIds", answer)
            return True

    def ask(self, method, path, body=None):
        """The answer's JSON. Asks again, at the next gateway, where there is none, or the answer is 503."""
        body = None if body is None else json.dumps(body)
        while True:
            try:
                connection = self.connection()
                connection.request(method, path, body, HEADERS)
                response = connection.getresponse()
                data = response.read()
                if response.status in (200, 409):
                    return json.loads(data)
                if response.status != 503:
                    raise Unexpected(f"{method} {path} was answered {response.status}: {data[:500]}")
            except (OSError, http.client.HTTPException):
                pass
            self.leave()
            self.pause.wait(0.05)

    def connection(self):
        if not hasattr(self.thread, "connection"):
            self.thread.number = getattr(self.thread, "number", 0)
            address = self.gateways[self.thread.number % len(self.gateways)]
            self.thread.connection = http.client.HTTPConnection(address, timeout=TIMEOUT)
        return self.thread.connection

    def leave(self):
        """The next request goes to the next gateway."""
        if hasattr(self.thread, "connection"):
            self.thread.connection.close()
            del self.thread.connection
            self.thread.number += 1


def written(type, data):
    return {"eventType": type, "eventData": json.dumps(data)}


def found(event, entity):
    return Event(event["id"], event["eventType"], json.loads(event["eventData"]), entity, None)


def expect(member, answer):
    if member not in answer:
        raise Unexpected(f"an answer without {member}: {answer}")
    return answer[member]
