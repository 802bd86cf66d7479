"""A subscriber of Eventuate's events, by stomp.py: one of the bank's workflows, or the view, which writes down all that
it is given.

Swimlanes run side by side, and the events of each in order. An event is acknowledged once it is handled. What goes
wrong for another reason than that a gateway is away ends the program.
"""

import json
import os
import random
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import stomp
from stomp.exception import ConnectFailedException, NotConnectedException

from .bank import ACCOUNT, CREATED, ENDS, SIGNS, TRANSFER, Handlers
from .entities import Entities, Event

#: The subscriber that writes down what it is given, one line for each message.
VIEW = "view"
HEARTBEATS = 0, 10_000  # milliseconds: sent, and wanted


def main():
    """Usage: eventuate_subscriber.py SUBSCRIBER DIRECTORY HTTP,STOMP..."""
    subscriber, directory, *gateways = sys.argv[1:]
    addresses = [gateway.split(",") for gateway in gateways]
    if subscriber == VIEW:
        note = partial(write_down, os.open(f"{directory}/{VIEW}", os.O_WRONLY | os.O_APPEND | os.O_CREAT))
        handlers = {TRANSFER: dict.fromkeys([CREATED, *ENDS], note), ACCOUNT: dict.fromkeys(SIGNS, note)}
    else:
        handlers = Handlers(Entities([http for http, _ in addresses])).workflows[subscriber]
    places = [(host, int(port)) for host, port in (stomp.rsplit(":", 1) for _, stomp in addresses)]
    while True:
        Session(subscriber, handlers, places).run()
        threading.Event().wait(random.uniform(0.05, 0.2))


def write_down(file, event):
    os.write(file, f"{event.entity}\t{event.id}\t{event.type}\n".encode())


class Session(stomp.ConnectionListener):
    """One connection, to the first place that takes it, from its start to its end."""

    def __init__(self, subscriber, handlers, places):
        self.handlers, self.is_over = handlers, threading.Event()
        self.connection = stomp.Connection12(places, heartbeats=HEARTBEATS, reconnect_attempts_max=1, timeout=5)
        self.connection.set_listener("session", self)
        self.destination = json.dumps({
            "subscriberId": subscriber, "space": "default",
            "entityTypesAndEvents": {type: list(events) for type, events in handlers.items()}})
        self.lanes = {}

    def run(self):
        try:
            self.connection.connect(wait=True)
            self.connection.subscribe(self.destination, id="1", ack="client-individual")
            self.is_over.wait()
        except (ConnectFailedException, NotConnectedException, OSError):
            pass
        for lane in self.lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)  # these events come again

    def on_disconnected(self):
        self.is_over.set()

    def on_error(self, frame):
        fail(f"the gateway answered {frame}")

    def on_message(self, frame):
        body = json.loads(frame.body)
        lane = self.lanes.setdefault(body["swimlane"], ThreadPoolExecutor(1))
        try:
            lane.submit(self.handle, body, frame.headers["ack"])
        except RuntimeError:
            pass  # the session is over

    def handle(self, body, ack):
        try:
            handler = self.handlers[body["entityType"]][body["eventType"]]
            handler(Event(body["id"], body["eventType"], json.loads(body["eventData"]), body["entityId"],
                          body["eventToken"]))
            self.connection.ack(ack)
        except (NotConnectedException, OSError):
            pass
        except BaseException:
            fail(traceback.format_exc())


def fail(why):
    print(why, file=sys.stderr, flush=True)
    os._exit(1)
