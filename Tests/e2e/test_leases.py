"""One projector replica is the active consumer. One that loses its lease while it works changes nothing any more."""

import threading

import grpc
import pytest
from client import Client, counted, eventually, facts, new_root
from logic import Logic, count

ACTIVE = "subscription is active"
STANDS_BY = "stands by"
TAKEOVER = 20  # seconds: a lease that was not renewed, and a turn to ask for it


class HeldLogic(Logic):
    """A projector's logic that answers the first delivery of each aggregate when it is told to, as it is told to."""

    def __init__(self):
        super().__init__()
        self.reached, self.may_go_on = threading.Semaphore(0), threading.Event()
        self.held, self.refused = set(), set()
        self.project = self.answer_late

    def answer_late(self, book, context):
        root = book.cover.root.value
        if root in self.held:
            self.held.remove(root)
            self.reached.release()
            assert self.may_go_on.wait(60)
            if root in self.refused:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "it was not to my liking")
        return count(book, context)


@pytest.fixture
def logics():
    slow, quick = HeldLogic(), Logic()
    yield slow, quick
    slow.may_go_on.set()
    slow.stop()
    quick.stop()


def test_who_loses_its_lease_while_it_works_changes_nothing_any_more(start, logics):
    slow, quick = logics
    client = Client(start(options=["--projector-enabled=false"]))
    client.record(facts(new_root(), b"0"))  # a log is followed from its first event on
    loser = start(role="projector", address=slow.address, options=["--projector-tries=1"])
    eventually(lambda: ACTIVE in loser.text)
    winner = start(role="projector", address=quick.address, options=["--projector-tries=1"])
    eventually(lambda: STANDS_BY in winner.text)

    answered, refused = new_root(), new_root()
    slow.held, slow.refused = {answered, refused}, {refused}
    for root in answered, refused:
        client.record(facts(root, b"1"))
        assert slow.reached.acquire(timeout=10)
    loser.pause()
    slow.may_go_on.set()  # its answers are there when it wakes up

    eventually(lambda: ACTIVE in winner.text, TAKEOVER)
    for root in answered, refused:
        client.record(facts(root, b"2"))
        eventually(lambda: count_of(client, root) == 2)
    loser.go_on()
    eventually(lambda: "the lease went to another process" in loser.text)

    assert Client(winner).parked_roots() == []
    assert [count_of(client, root) for root in (answered, refused)] == [2, 2]
    # Nor has it moved the checkpoint: whoever comes next goes on where the winner was.
    winner.stop()
    eventually(lambda: loser.text.count(ACTIVE) == 2, TAKEOVER)
    assert '"checkpoint":"5"' in [line for line in loser.text.splitlines() if ACTIVE in line][-1]


def test_a_killed_projector_does_not_wait_for_itself(start, logics, shared_store):
    _, quick = logics
    client = Client(start(data=shared_store, options=["--projector-enabled=false"]))
    client.record(facts(new_root(), b"0"))
    killed = start(data=shared_store, role="projector", address=quick.address)
    eventually(lambda: ACTIVE in killed.text)
    killed.kill()
    again = start(data=shared_store, role="projector", address=quick.address)
    eventually(lambda: ACTIVE in again.text)
    assert STANDS_BY not in again.text


def count_of(client, root):
    projection = client.projection(root)
    return counted(projection) if projection else 0
