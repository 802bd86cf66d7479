"""A way to a MongoDB server on which others are always faster: each position of a log is taken before its commit."""

import contextlib
import socket
import struct
import threading
from urllib.parse import urlsplit

import bson
import pymongo

OP_MSG = 2013


class Overtaken:
    """Passes on all that a store says to the server of that URI. Before each commit it takes the commit's position,
    for as long as `is_active`."""

    def __init__(self, uri):
        self.client = pymongo.MongoClient(uri)
        self.is_active = True
        self.taken = 0
        self.target = urlsplit(uri).hostname, urlsplit(uri).port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.sockets = [self.listener]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def close(self):
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.client.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                there = socket.create_connection(self.target)
                self.sockets += [here, there]
                threading.Thread(target=self._pass_on, args=(here, there, self._overtake), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(there, here, lambda message: None), daemon=True).start()

    @staticmethod
    def _pass_on(source, target, look):
        """Hands on whole messages: each begins with its length."""
        with contextlib.suppress(OSError), source.makefile("rb") as messages:
            while head := messages.read(16):
                message = head + messages.read(struct.unpack_from("<i", head)[0] - len(head))
                look(message)
                target.sendall(message)
        for each in source, target:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _overtake(self, message):
        if not self.is_active or struct.unpack_from("<i", message, 12)[0] != OP_MSG:
            return
        command, documents = sections(message)
        if not str(command.get("insert", "")).startswith("commits."):
            return
        collection = self.client[command["$db"]][command["insert"]]
        for each in documents:
            if not each.get("tombstone"):
                self._take(collection, each["partition"], each["position"])

    def _take(self, collection, partition, position):
        """As a reader does that is impatient."""
        with contextlib.suppress(pymongo.errors.DuplicateKeyError):
            collection.insert_one({
                "_id": struct.pack(">IQ", partition, position), "partition": partition,
                "position": bson.Int64(position), "tombstone": True})
            self.taken += 1


def sections(message):
    """An OP_MSG's command, and its sequence of documents."""
    command, documents, at = {}, [], 20
    while at < len(message):
        kind, length = message[at], struct.unpack_from("<i", message, at + 1)[0]
        content = message[at + 1:at + 1 + length]
        if kind == 0:
            command = bson.decode(content)
        else:
            documents = bson.decode_all(content[content.index(0, 4) + 1:])
        at += 1 + length
    return command, documents or command.get("documents", [])
