"""Projections are made anew beside those that queries read: `outrider projector rebuild` and what follows it."""

import itertools
import json
import os
import re
import subprocess
import threading
import time
import uuid

import grpc
import pytest
from client import Client, counted, eventually, facts, new_root
from evented import evented_pb2 as evented
from google.protobuf.wrappers_pb2 import UInt64Value
from logic import Logic
from outrider.v1 import projections_pb2

NEW = 1_000_000  # what each projection of a rebuild begins with
AGGREGATES, EVENTS = 30, 4
APART = ["command-handler", "query-handler", "query-handler", "projector"]


@pytest.fixture
def own_logic():
    """Counts events. What it makes for a rebuild can be told from what it made before."""
    logic = Logic()
    logic.project = versioned
    yield logic
    logic.stop()


def versioned(book, context, begin=NEW):
    metadata = {key: value for key, value in context.invocation_metadata()}
    rebuilt = int(metadata.get("outrider-generation", "1")) > 1
    before = counted(book.projection) if book.HasField("projection") else begin if rebuilt else 0
    projection = evented.Projection()
    projection.projection.Pack(UInt64Value(value=before + len(book.pages)))
    return projection


def unchanged(book, context):
    return versioned(book, context, begin=0)


@pytest.fixture
def deployment(start, own_logic, executable, shared_store):
    """All roles in one process."""
    return Deployment(start, own_logic, executable, shared_store, [None])


@pytest.fixture
def apart(start, own_logic, executable, shared_store):
    """Each role is a process of its own, and there are two query-handlers."""
    return Deployment(start, own_logic, executable, shared_store, APART)


class Deployment:
    def __init__(self, start, logic, executable, store, roles):
        self.start, self.logic, self.executable = start, logic, executable
        self.store, self.roles = store, roles
        self.restart()
        self.roots = sorted(new_root() for _ in range(AGGREGATES))

    def restart(self):
        self.sidecars = [
            self.start(
                data=self.store, role=role, address=self.logic.address,
                options=["--projector-tries=1", "--projector-retry-time=1s"] if role in (None, "projector") else [])
            for role in self.roles]
        self.addresses = {role: address for each in self.sidecars for role, address in each.addresses.items()}
        self.client = Client(self)
        self.readers = [Client(each).projections for each in self.sidecars if "query-handler" in each.addresses]

    def record(self, events=EVENTS):
        for number in range(events):
            for root in self.roots:
                self.client.record(facts(root, b"%d" % number))

    def cli(self, *arguments, status=0):
        done = self.begin(*arguments)
        output, complaint = done.communicate(timeout=60)
        assert done.returncode == status, output + complaint
        return output if status == 0 else complaint

    def begin(self, *arguments, stderr=subprocess.PIPE):
        address = self.addresses["projector"]
        return subprocess.Popen(
            [self.executable, "projector", *arguments, f"--address={address}"], stdout=subprocess.PIPE,
            stderr=stderr, text=True)

    def generations(self):
        """Roles by number, and how far each is behind."""
        state = json.loads(self.cli("status", "balance", "bank", "--json"))
        return {each["role"]: each for each in state["generations"]}

    def values(self, page_size=7):
        """All projections, page by page, each from the next query-handler."""
        found = {}
        request = projections_pb2.ListProjectionsRequest(projector="balance", domain="bank", page_size=page_size)
        for reader in itertools.cycle(self.readers):
            page = reader.List(request, timeout=10)
            for record in page.records:
                found[record.projection.cover.root.value] = counted(record.projection)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def all_are(self, value):
        return self.values() == dict.fromkeys(self.roots, value)


def test_queries_see_one_generation_whole_through_switch_and_rollback(deployment):
    check_that_queries_see_one_generation_whole(deployment)


def test_queries_of_other_processes_see_one_generation_whole(apart):
    """For up to a second they do not know of a switch."""
    check_that_queries_see_one_generation_whole(apart)


def check_that_queries_see_one_generation_whole(deployment):
    deployment.record()
    eventually(lambda: deployment.all_are(EVENTS))
    mixtures, listings, over = [], set(), threading.Event()

    def keep_listing():
        while not over.is_set():
            kinds = {value >= NEW for value in deployment.values().values()}
            listings.update(kinds)
            if len(kinds) != 1:
                mixtures.append(kinds)

    listing = threading.Thread(target=keep_listing)
    listing.start()
    try:
        assert "caught up" in deployment.cli("rebuild", "balance")
        assert deployment.generations()["candidate"]["number"] == 2
        assert deployment.all_are(EVENTS)
        assert "generation 2   live" in deployment.cli("switch", "balance", "bank")
        eventually(lambda: deployment.all_are(NEW + EVENTS))
        # Both go on.
        deployment.record(1)
        eventually(lambda: deployment.all_are(NEW + EVENTS + 1))
        deployment.cli("rollback", "balance", "bank")
        eventually(lambda: deployment.all_are(EVENTS + 1))
    finally:
        over.set()
        listing.join()
    assert not mixtures
    assert listings == {True, False}
    projection = deployment.client.projection(deployment.roots[0])
    assert projection.projector == "balance"
    deployment.cli("drop", "balance", "bank")
    assert list(deployment.generations()) == ["live"]
    assert "one generation only" in deployment.cli("drop", "balance", "bank", status=1)


def test_a_rebuild_goes_on_where_it_was_killed(deployment):
    deployment.record()
    eventually(lambda: deployment.all_are(EVENTS))
    deployment.logic.books.clear()
    watching = deployment.begin("rebuild", "balance", "bank", "--throttle=100")
    eventually(lambda: len(deployment.logic.books) > 20)
    deployment.sidecars[0].kill()
    watching.wait(timeout=30)
    assert watching.returncode in (69, 75)
    deployment.restart()
    deployment.cli("rebuild", "balance", "bank")
    deployment.cli("switch", "balance", "bank")
    eventually(lambda: deployment.all_are(NEW + EVENTS))
    # What was stored before the kill was not made again: at most what was under way.
    events = sum(len(book.pages) for book in deployment.logic.books)
    assert events < 2 * AGGREGATES * EVENTS


def test_a_throttled_rebuild_takes_its_time_and_shows_how_it_goes(deployment):
    deployment.record()
    eventually(lambda: deployment.all_are(EVENTS))
    rate, turn, slack = 30, 3, 0.005  # events a second, events of one turn, the pause that is too short to make
    terminal, other_end = os.openpty()
    began = time.monotonic()
    watching = deployment.begin("rebuild", "balance", "bank", f"--throttle={rate}", stderr=other_end)
    os.close(other_end)
    shown = everything(terminal)
    output, _ = watching.communicate(timeout=60)
    assert time.monotonic() - began >= (AGGREGATES * EVENTS - turn) / rate - slack
    assert watching.returncode == 0
    assert "caught up" in output and f"{rate} events/s at most" in output
    lines = re.findall(r"(\d+) %, (\d+) commits to go, (\d+)/s(?:, (\d+) s left)?", shown)
    percents, to_go = [int(line[0]) for line in lines], [int(line[1]) for line in lines]
    assert percents == sorted(percents) and to_go == sorted(to_go, reverse=True), shown
    assert any(left for *_, left in lines), shown


def everything(terminal):
    """What is written to a terminal until nobody has it open."""
    read = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        while True:
            try:
                chunk = screen.read(4096)
            except OSError:  # EIO, as pty(7) has it
                return read.decode()
            if not chunk:
                return read.decode()
            read += chunk


def test_verify_names_the_first_difference_and_switches_nothing(deployment):
    deployment.record(1)
    eventually(lambda: deployment.all_are(1))
    complaint = deployment.cli("rebuild", "balance", "bank", "--verify", "--switch", status=1)
    assert f"bank/{uuid.UUID(bytes=deployment.roots[0])} differs at event 0" in complaint
    assert deployment.generations()["live"]["number"] == 1
    assert deployment.all_are(1)
    # With logic that does the same, all are equal.
    deployment.cli("drop", "balance", "bank")
    deployment.logic.project = unchanged
    output = deployment.cli("rebuild", "balance", "bank", "--verify", "--switch")
    assert f"all {AGGREGATES} aggregates are equal" in output
    assert deployment.generations()["live"]["number"] == 3


def test_a_rebuild_that_parked_an_aggregate_is_not_switched_to_unasked(deployment):
    deployment.record(1)
    eventually(lambda: deployment.all_are(1))
    poisoned = deployment.roots[3]

    def refuse(book, context):
        if book.cover.root.value == poisoned:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no such currency")
        return versioned(book, context)

    deployment.logic.project = refuse
    deployment.cli("rebuild", "balance", "bank")
    complaint = deployment.cli("switch", "balance", "bank", status=1)
    assert "no such currency" in complaint
    assert str(uuid.UUID(bytes=poisoned)) in complaint
    assert deployment.generations()["candidate"]["parked"] == 1
    deployment.cli("switch", "balance", "bank", "--even-if-parked")
    others = {root: NEW + 1 for root in deployment.roots if root != poisoned}
    eventually(lambda: deployment.values() == others)


def test_a_watch_ends_when_another_generation_is_read(deployment):
    deployment.record(1)
    eventually(lambda: deployment.all_are(1))
    watch = deployment.client.projections.Watch(
        projections_pb2.WatchProjectionsRequest(projector="balance", domain="bank"), timeout=60)
    seen = {next(watch).projection.cover.root.value for _ in deployment.roots}
    assert seen == set(deployment.roots)
    deployment.cli("rebuild", "balance", "bank", "--switch")
    with pytest.raises(grpc.RpcError) as end:
        list(watch)
    assert end.value.code() == grpc.StatusCode.ABORTED
    assert "watch again" in end.value.details()


def test_what_is_not_there_is_refused(deployment):
    deployment.record(1)
    eventually(lambda: deployment.all_are(1))
    assert "rebuild it first" in deployment.cli("switch", "balance", "bank", status=1)
    assert "go back to" in deployment.cli("rollback", "balance", "bank", status=1)
    assert "balance" in deployment.cli("status", "nobody", "bank", status=1)
    deployment.cli("rebuild", "balance", "bank")
    assert "is what queries read" in deployment.cli("drop", "balance", "bank", "--generation=1", status=1)
    assert "no generation 7" in deployment.cli("drop", "balance", "bank", "--generation=7", status=1)
