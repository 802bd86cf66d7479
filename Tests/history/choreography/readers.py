"""What there is in the end: each entity as REST tells of it, and the logs as gRPC does."""

import json
from collections import defaultdict, namedtuple
from concurrent.futures import ThreadPoolExecutor

import grpc
from outrider.v1 import log_pb2, log_pb2_grpc

from .bank import ACCOUNT, TRANSFER

TIMEOUT = 60  # seconds
READERS = 8
TYPE_PREFIX, ID_HEADER = "json/", "eventuate-entity-id"

#: An event in a log. `id` is what Eventuate calls it; `command` and `cause` are those of its commit, and the cause is
#: (domain, root, sequence), or None.
Entry = namedtuple("Entry", "id root sequence type data command cause")
#: All that there is. `found` and `logs` have events by entity type and entity; `deliveries` are the view's, in order.
Truth = namedtuple("Truth", "found logs deliveries")


def read_log(deployment, type):
    """The entities of the log, and their events in order."""
    stub, entities = log_pb2_grpc.LogStub(grpc.insecure_channel(deployment.queries)), defaultdict(list)
    for partition in range(deployment.partitions):
        for answer in stub.Read(log_pb2.ReadLogRequest(domain=type, partition=partition), timeout=TIMEOUT):
            if not answer.tombstone:
                entries = entries_of(answer)
                entities[entity_of(answer.book)] += entries
    return entities


def entity_of(book):
    root = book.cover.root.value.hex()
    return book.headers.get(ID_HEADER) or f"{root[:16]}-{root[16:]}"


def entries_of(answer):
    book, place = answer.book, answer.position.partition << 52 | answer.position.number
    cause = None
    if book.HasField("cause"):
        cause = book.cause.cover.domain, book.cause.cover.root.value, book.cause.sequence
    return [Entry(f"{place:016x}-{page.num:016x}", book.cover.root.value, page.num,
                  page.Event.type_url.removeprefix(TYPE_PREFIX), json.loads(page.Event.value), book.command_id, cause)
            for page in book.pages]


def read_truth(deployment, clients):
    wanted = {ACCOUNT: clients.plan.accounts, TRANSFER: list(clients.started)}
    with ThreadPoolExecutor(READERS) as pool:
        found = {type: dict(zip(ids, pool.map(lambda id: clients.entities.find(type, id), ids)))
                 for type, ids in wanted.items()}
    logs = {type: read_log(deployment, type) for type in wanted}
    return Truth(found, logs, list(clients.view.deliveries))
