"""Durable subscriptions over gRPC and on the command line: nothing is lost, and each aggregate comes in order."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from client import Client, Status, eventually, facts, new_root, refused
from engine import Engine
from outrider.v1 import subscriptions_pb2, subscriptions_pb2_grpc
from sidecar import DOMAIN, TOP
from subscriber import Subscriber, is_in_order, position

OWNED = ("--owner", str(os.getpid()))
TAKEOVER = 20  # seconds: a lease that was not renewed, and a turn to ask for it


@pytest.fixture
def sidecar(start):
    return start(options=["--projector-enabled=false"])


def database(engine):
    server, _, options = engine.uri.partition("?")
    return f"{server.rstrip('/')}/shop?{options}"


def record(client, roots, count=1):
    """Appends to each aggregate in turn; which events there are then."""
    events = []
    for _ in range(count):
        for root in roots:
            book = client.record(facts(root, b"x")).books[0]
            events += [(root, page.num) for page in book.pages]
    return events


def stub(sidecar):
    return subscriptions_pb2_grpc.SubscriptionsStub(sidecar.channel("query-handler"))


def lanes(sidecar, name):
    request = subscriptions_pb2.ListSubscriptionsRequest(domain=DOMAIN)
    for status in stub(sidecar).List(request).subscriptions:
        if status.name == name:
            return status.progress


def test_what_was_not_acknowledged_comes_again_and_nothing_else(sidecar):
    client = Client(sidecar)
    record(client, [new_root() for _ in range(5)], 4)
    first = Subscriber(sidecar, "mailer", acknowledge=False)
    delivered = first.expect(20)
    for number in 7, 2, 0, 1, 19, 4:
        first.acknowledge(delivered[number])
    first.finish()
    assert first.failure is None
    second = Subscriber(sidecar, "mailer")
    second.expect(17)
    assert second.positions == list(range(4, 21))
    second.drop()
    events = record(client, [new_root()])
    third = Subscriber(sidecar, "mailer")
    eventually(lambda: events[0] in third.events)
    assert third.positions[-1] == 21
    assert is_in_order(first.events[:3] + second.events + third.events)
    third.finish()


def test_who_does_not_acknowledge_gets_no_more_than_the_window(sidecar):
    client = Client(sidecar)
    record(client, [new_root()], 30)
    subscriber = Subscriber(sidecar, "slow", acknowledge=False, window=8)
    subscriber.expect(8)
    # Another subscription gets all of it meanwhile.
    other = Subscriber(sidecar, "quick")
    other.expect(30)
    assert subscriber.positions == list(range(1, 9))
    subscriber.acknowledge(subscriber.deliveries[0])
    subscriber.expect(9)
    assert subscriber.positions == list(range(1, 10))
    subscriber.finish()
    other.finish()


def test_consumers_share_lanes_and_one_that_dies_is_replaced(sidecar):
    client = Client(sidecar)
    roots = [new_root() for _ in range(20)]
    events = record(client, roots)
    consumers = [Subscriber(sidecar, "pool", lanes=6) for _ in range(3)]
    eventually(lambda: [len(each.lanes) for each in consumers] == [2, 2, 2])
    events += record(client, roots, 3)
    eventually(lambda: set(events) == {event for each in consumers for event in each.events})
    consumers[0].drop()
    eventually(lambda: sorted(len(each.lanes) for each in consumers[1:]) == [3, 3], timeout=4)
    new = record(client, roots, 2)
    eventually(lambda: set(new) <= {event for each in consumers[1:] for event in each.events})
    for each in consumers:
        assert is_in_order(each.events, elsewhere=[event for other in consumers for event in other.events])
    for each in consumers[1:]:
        each.finish()
    eventually(lambda: all(lane.checkpoint == lane.head for lane in lanes(sidecar, "pool")))


def test_a_killed_sidecar_loses_nothing(start, sidecar):
    client = Client(sidecar)
    roots = [new_root() for _ in range(10)]
    events = record(client, roots, 5)
    first = Subscriber(sidecar, "mailer", lanes=2)
    first.expect(20)
    sidecar.kill()
    first.reader.join(20)
    assert first.failure.code() == Status.UNAVAILABLE
    again = start(options=["--projector-enabled=false"])
    events += record(Client(again), roots)
    second = Subscriber(again, "mailer")
    eventually(lambda: set(events) == set(first.events) | set(second.events), TAKEOVER)
    assert is_in_order(second.events, elsewhere=first.events)
    second.finish()


def test_a_sidecar_that_stops_gives_its_lanes_back(start, sidecar):
    record(Client(sidecar), [new_root()], 3)
    first = Subscriber(sidecar, "mailer", lanes=3)
    first.expect(3)
    assert sidecar.stop(timeout=10) == 0
    first.reader.join(20)
    assert first.failure.code() == Status.UNAVAILABLE
    again = start(options=["--projector-enabled=false"])
    second = Subscriber(again, "mailer")
    eventually(lambda: len(second.lanes) == 3, timeout=4)
    (event,) = record(Client(again), [new_root()])
    eventually(lambda: event in second.events)
    # The last acknowledgement may have come too late.
    assert set(second.events) <= {event, first.events[-1]}
    second.finish()


def test_replicas_of_the_query_handler_share_one_subscription(start, sidecar):
    client = Client(sidecar)
    roots = [new_root() for _ in range(20)]
    events = record(client, roots)
    replica = start(role="query-handler")
    here = Subscriber(sidecar, "pool", lanes=4)
    there = Subscriber(replica, "pool", lanes=4)
    eventually(lambda: (len(here.lanes), len(there.lanes)) == (2, 2))
    events += record(client, roots, 2)
    eventually(lambda: set(events) == set(here.events) | set(there.events))
    replica.kill()
    events += record(client, roots, 2)
    eventually(lambda: len(here.lanes) == 4, TAKEOVER)
    eventually(lambda: set(events) == set(here.events) | set(there.events))
    assert is_in_order(here.events, elsewhere=there.events)
    assert is_in_order(there.events, elsewhere=here.events)
    here.finish()


def test_a_paused_replica_loses_its_lanes_and_does_no_harm(start, sidecar):
    client = Client(sidecar)
    roots = [new_root() for _ in range(10)]
    record(client, roots)
    replica = start(role="query-handler")
    there = Subscriber(replica, "pool", acknowledge=False)
    there.expect(10)
    replica.pause()
    here = Subscriber(sidecar, "pool", acknowledge=False)
    here.expect(10, TAKEOVER)
    replica.go_on()
    for delivery in there.deliveries[:10]:
        there.acknowledge(delivery)
    eventually(lambda: not there.lanes or there.failure, TAKEOVER)
    assert [lane.checkpoint for lane in lanes(sidecar, "pool")] == [0]
    for delivery in here.deliveries[:10]:
        here.acknowledge(delivery)
    eventually(lambda: [lane.checkpoint for lane in lanes(sidecar, "pool")] == [10])
    here.finish()
    there.drop()


def test_each_partition_has_one_consumer(start, tmp_path):
    engine = Engine(tmp_path / "engine").start(*OWNED)
    try:
        options = ["--partitions=4", "--projector-enabled=false"]
        sidecar, replica = (start(data=database(engine), options=options) for _ in range(2))
        client = Client(sidecar)
        roots = [new_root() for _ in range(20)]
        events = record(client, roots)
        here, there = Subscriber(sidecar, "partitions"), Subscriber(replica, "partitions")
        eventually(lambda: (len(here.lanes), len(there.lanes)) == (2, 2), TAKEOVER)
        events += record(client, roots)
        eventually(lambda: set(events) == set(here.events) | set(there.events), TAKEOVER)
        there.drop()
        eventually(lambda: len(here.lanes) == 4, TAKEOVER)
        events += record(client, roots)
        eventually(lambda: set(events) == set(here.events) | set(there.events), TAKEOVER)
        assert is_in_order(here.events, elsewhere=there.events)
        here.finish()
        assert [(each.partition, each.lane, each.head - each.checkpoint) for each in lanes(sidecar, "partitions")] == [
            (partition, 0, 0) for partition in range(4)]
    finally:
        engine.kill()


def test_subscriptions_are_moved_and_deleted(sidecar):
    client = Client(sidecar)
    record(client, [new_root()], 5)
    first = Subscriber(sidecar, "mailer")
    first.expect(5)
    stub(sidecar).Seek(subscriptions_pb2.SeekSubscriptionRequest(
        name="mailer", domain=DOMAIN, after=[position(3)], lanes=2))
    first.reader.join(20)
    assert first.failure.code() == Status.ABORTED
    second = Subscriber(sidecar, "mailer")
    assert [each.position.number for each in second.expect(2)] == [4, 5]
    second.finish()
    delete = subscriptions_pb2.DeleteSubscriptionRequest(name="mailer", domain=DOMAIN)
    stub(sidecar).Delete(delete)
    refused(lambda: stub(sidecar).Delete(delete), Status.NOT_FOUND)
    assert lanes(sidecar, "mailer") is None


@pytest.mark.parametrize("begin, status", [
    (dict(name=""), Status.INVALID_ARGUMENT),
    (dict(name="a/b"), Status.INVALID_ARGUMENT),
    (dict(domains=[]), Status.INVALID_ARGUMENT),
    (dict(lanes=65), Status.INVALID_ARGUMENT),
    (dict(domains=["elsewhere"]), Status.NOT_FOUND),
])
def test_what_is_wrong_is_refused(sidecar, begin, status):
    subscriber = Subscriber(sidecar, **{"name": "x", **begin})
    subscriber.reader.join(20)
    assert subscriber.failure.code() == status
    assert subscriber.failure.details()


def test_the_consumer_of_the_documentation_works_as_printed(sidecar):
    program, = re.findall(r"```python\n(.*?)```", (TOP / "docs/subscriptions.md").read_text(), re.DOTALL)
    assert "127.0.0.1:1314" in program and '"shopping"' in program
    program = program.replace("127.0.0.1:1314", sidecar.addresses["query-handler"]).replace("shopping", DOMAIN)
    record(Client(sidecar), [new_root()], 3)
    consumer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        eventually(lambda: (shown := lanes(sidecar, "printer")) and shown[0].checkpoint == 3)
    finally:
        consumer.kill()
    assert re.findall(r"^\d+", consumer.communicate(timeout=20)[0], re.MULTILINE) == ["1", "2", "3"]


# The command line

@pytest.fixture
def outrider(executable, sidecar):
    """Starts a client command against the sidecar's query-handler."""
    started = []

    def outrider(*arguments):
        started.append(subprocess.Popen(
            [executable, *arguments, f"--address={sidecar.addresses['query-handler']}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield outrider
    for process in started:
        process.kill()
        process.wait()


def test_events_are_shown_once_over_several_calls(sidecar, outrider):
    client = Client(sidecar)
    record(client, [new_root()], 5)
    subscribe = "subscribe", "printer", f"--domain={DOMAIN}", "--json"
    output, _ = outrider(*subscribe, "--limit=3").communicate(timeout=20)
    assert [json.loads(line)["position"] for line in output.splitlines()] == [1, 2, 3]

    follower = outrider(*subscribe)
    assert [json.loads(follower.stdout.readline())["position"] for _ in range(2)] == [4, 5]
    record(client, [new_root()])
    assert json.loads(follower.stdout.readline())["position"] == 6
    follower.send_signal(signal.SIGINT)
    output, errors = follower.communicate(timeout=20)
    assert (follower.returncode, output, errors) == (0, "", "")

    output, _ = outrider("subscriptions", "list", DOMAIN, "--json").communicate(timeout=20)
    shown = json.loads(output)
    assert (shown["name"], shown["lanes"], shown["progress"][0]["lag"]) == ("printer", 1, 0)
    assert "0 behind" in outrider("subscriptions", "list", DOMAIN).communicate(timeout=20)[0]


def test_looking_only_acknowledges_nothing(sidecar, outrider):
    record(Client(sidecar), [new_root()], 3)
    look = "subscribe", "looker", f"--domain={DOMAIN}", "--no-ack", "--limit=3", "--type=BytesValue"
    for _ in range(2):
        output, errors = outrider(*look).communicate(timeout=20)
        assert len(output.splitlines()) == 3
        assert "lane 0 is here from 0 on" in errors


def test_a_subscription_is_moved_and_deleted_by_command(sidecar, outrider):
    record(Client(sidecar), [new_root()], 3)
    subscribe = "subscribe", "mover", f"--domain={DOMAIN}", "--json"
    outrider(*subscribe, "--limit=3").communicate(timeout=20)
    output, _ = outrider("subscriptions", "seek", "mover", DOMAIN, "--after=1").communicate(timeout=20)
    assert "moved" in output
    output, _ = outrider(*subscribe, "--limit=2").communicate(timeout=20)
    assert [json.loads(line)["position"] for line in output.splitlines()] == [2, 3]
    assert "deleted" in outrider("subscriptions", "delete", "mover", DOMAIN).communicate(timeout=20)[0]
    deletion = outrider("subscriptions", "delete", "mover", DOMAIN)
    _, errors = deletion.communicate(timeout=20)
    assert deletion.returncode == 1 and "no subscription mover" in errors
    assert "has no subscriptions" in outrider("subscriptions", "list", DOMAIN).communicate(timeout=20)[1]
