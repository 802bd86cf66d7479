"""Names that clients invent, each with an event: far more domains than may be open at a time."""

import os

import pytest
from client import Client, facts, new_root, payloads
from evented import evented_pb2 as evented

NAMES = [f"invented-{number}" for number in range(10_000)]
AT_ONCE = 250
OPEN = 8
#: Sockets, timers, the log: what a sidecar has open without a domain, generously.
OTHERS = 100


def descriptors(sidecar):
    return len(os.listdir(f"/proc/{sidecar.process.pid}/fd"))


def threads(sidecar):
    return len(os.listdir(f"/proc/{sidecar.process.pid}/task"))


def batches(names):
    return (names[at:at + AT_ONCE] for at in range(0, len(names), AT_ONCE))


# Ten thousand files are made, synced and opened again: a minute on two cores that do little else.
@pytest.mark.timeout(900)
def test_invented_names_take_few_descriptors_and_threads_and_are_read_back(start):
    options = [f"--limit-open-domains={OPEN}", "--projector-enabled=false"]
    sidecar = start(domain=None, options=options)
    client, before = Client(sidecar), threads(sidecar)
    roots = {name: new_root() for name in NAMES}
    most = 0
    for names in batches(NAMES):
        calls = []
        for name in names:
            book = facts(roots[name], name.encode())
            book.cover.domain = name
            calls.append(client.coordinator.Record.future(book, timeout=60))
        for call in calls:
            call.result()
        most = max(most, descriptors(sidecar))
    assert most < 8 * 2 * OPEN + OTHERS
    assert threads(sidecar) < before + 20
    sidecar.stop()

    client = Client(start(domain=None, options=options))
    for names in batches(NAMES):
        queries = {name: evented.Query(domain=name, root=evented.UUID(value=roots[name])) for name in names}
        answers = {name: client.query.GetEvents(query, timeout=60) for name, query in queries.items()}
        for name, books in answers.items():
            assert payloads(page for book in books for page in book.pages) == [name.encode()]
