"""100,000 parked aggregates hold up nobody, fill no memory, and are listed page by page."""

import contextlib
import sqlite3

from client import TIMEOUT, Client, Status, commands, counted, facts, new_root, refused
from evented import evented_pb2 as evented
from outrider.v1 import parked_pb2, projections_pb2
from sidecar import DOMAIN, PROJECTOR
from usage import peak_resident_bytes

COUNT, PAGE = 100_000, 1000
#: Why each is parked: 50 MB in all.
REASON = "no account " * 45
#: What a few pages of them, and a look at all, may take.
MEMORY = 24 << 20


def root_of(number):
    return b"%016d" % number


def park_many(path):
    rows = ((PROJECTOR, root_of(number), 0, REASON, 9, 8, 1_700_000_000, 0) for number in range(COUNT))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def test_many_parked_aggregates_hold_up_nobody_and_are_listed(start, logic_process, tmp_path):
    sidecar = start(address=logic_process.address)
    Client(sidecar).record(facts(new_root(), b"creates the domain"))
    usual = peak_resident_bytes(sidecar.process.pid)
    sidecar.stop()
    park_many(tmp_path / "data" / f"{DOMAIN}.db")
    sidecar = start(address=logic_process.address)
    client = Client(sidecar)

    for _ in range(20):
        assert counted(projection_after_first_event(client, new_root())) == 1
    parked = root_of(COUNT // 2)
    refused(lambda: projection_after_first_event(client, parked), Status.NOT_FOUND)

    listed, token = [], b""
    while True:
        page = client.parked.List(
            parked_pb2.ListParkedRequest(domain=DOMAIN, page_size=PAGE, page_token=token), timeout=TIMEOUT)
        listed += [each.root.value for each in page.parked]
        token = page.next_page_token
        if not token:
            break
    assert listed == [root_of(number) for number in range(COUNT)]
    assert peak_resident_bytes(sidecar.process.pid) < usual + MEMORY


def projection_after_first_event(client, root):
    """The aggregate's projection, asked for as of its first event."""
    request = projections_pb2.GetProjectionRequest(
        projector=PROJECTOR, domain=DOMAIN, root=evented.UUID(value=root),
        at_least=client.handle(commands(root, b"x")).position)
    return client.projections.Get(request, timeout=TIMEOUT).projection
