"""Eventuate's STOMP, with frames as its own clients send them."""

import contextlib
import http.client
import json
import queue
import re
import socket
import ssl
import threading
import time
import uuid

import pytest
from client import Client, cover, eventually
from eventuate import (CHANGED, OPENED, OPTIONS, TIMEOUT, Entities, Frame, Stomp, basic, destination, escaped, event,
                       new_type, seconds)
from eventuate import entities as entities
from eventuate import sidecar as sidecar
from evented import evented_pb2 as evented
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import StringValue
from sidecar import Sidecar

FIELDS = {"id", "entityId", "entityType", "eventData", "eventType", "eventToken", "swimlane", "offset"}
END = "net.chrisrichardson.eventstore.subscriptions.EndOfCurrentEventsReachedEvent"


@pytest.fixture
def type():
    """An entity type of the test's own."""
    return new_type()


@pytest.fixture
def stomp(sidecar):
    """Opens connections, and leaves none behind."""
    opened = []

    def stomp(**settings):
        opened.append(Stomp(sidecar, **settings))
        return opened[-1]

    yield stomp
    for connection in opened:
        connection.close()


def new_subscriber():
    return f"subscriber-{uuid.uuid4()}"


def entity_ids(messages):
    return [message.json["entityId"] for message in messages]


# Frames


def test_java_connects(stomp):
    connected = stomp().connect(host="localhost", login="key", passcode="secret").connected
    assert connected["version"] == "1.2" and connected["heart-beat"] == "10000,0" and connected["session"]


def test_node_connects_without_a_version_and_a_host(stomp):
    connection = stomp()
    connection.send("CONNECT", login="key", passcode="secret", heart_beat="5000,5000")
    connected = connection.receive()
    assert connected.command == "CONNECTED" and "version" not in connected.headers
    assert connected["heart-beat"] == "10000,0"


def test_go_connects(stomp, entities, type):
    connection = stomp()
    connection.send("CONNECT", accept_version="1.2", host="localhost", login="k", passcode="s",
                    heart_beat="0,10000", content_length="0", content_type="text/plain; charset=UTF-8")
    assert connection.receive().command == "CONNECTED"
    entities.create(type=type)
    # No receipt, and an ack header.
    connection.send("SUBSCRIBE", id="subscription-id-1", ack="client-individual", content_length="0",
                    destination=json.dumps(destination(new_subscriber(), type)))
    message, = connection.messages(1, acknowledge=False)
    connection.send("ACK", id=message["ack"], content_length="0")
    connection.send("UNSUBSCRIBE", id="subscription-id-1", destination="x", ack="client-individual")
    connection.disconnect()


def test_a_message_is_what_every_client_takes(stomp, entities, type):
    created = entities.create(entityId="one", type=type).json
    subscriber = new_subscriber()
    connection = stomp().connect()
    connection.subscribe(destination(subscriber, type), id="id-1")
    message, = connection.messages(1)
    assert set(message.headers) == {"ack", "destination", "message-id", "subscription"}
    assert message["message-id"] == "0" and message["subscription"] == "id-1"
    assert json.loads(message["ack"])["receiptHandle"]["subscriberId"] == subscriber
    # Clients that take no escape of a backslash apart see the same.
    assert "\\\\" not in message.raw["ack"]
    assert set(message.json) == FIELDS
    body = message.json
    assert (body["id"], body["entityId"], body["entityType"]) == (created["entityVersion"], "one", type)
    assert (body["eventType"], body["eventData"]) == (OPENED, '{"index": 0}')
    assert 0 <= body["swimlane"] < 8 and body["offset"] == 1
    assert set(body["eventToken"]) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert "\n" not in message.body


def test_events_of_other_makes_come_in_json_where_something_describes_them(sidecar, stomp, entities, type):
    root, bank = uuid.uuid4().bytes, Client(sidecar)
    book = evented.EventBook(cover=cover(root, type))
    book.pages.add().Event.Pack(StringValue(value="hello"))
    book.pages.add().Event.CopyFrom(Any(type_url="type.googleapis.com/net.example.Unknown", value=b"\x08\x01"))
    bank.record(book)
    data = {"google.protobuf.StringValue": '"hello"', "net.example.Unknown": json.dumps(
        {"@type": "type.googleapis.com/net.example.Unknown", "value": "CAE="}, separators=(",", ":"))}
    text = root.hex()
    found = entities.find(f"{text[:16]}-{text[16:]}", type=type).json["events"]
    assert {each["eventType"]: each["eventData"] for each in found} == data
    connection = stomp().connect()
    connection.subscribe(destination(new_subscriber(), type, list(data)))
    bodies = [message.json for message in connection.messages(2)]
    assert {body["eventType"]: body["eventData"] for body in bodies} == data


@pytest.mark.parametrize("written", [
    '{"entityTypesAndEvents"\\c{"%s"\\c["%s"]},"subscriberId"\\c"%s"}',
    '{"subscriberId":"%3$s","entityTypesAndEvents":{"%1$s":["%2$s"]}}',
    '{ "space"\\c"default", "x"\\c"a\\\\\\\\b", "entityTypesAndEvents"\\c{"%s"\\c["%s"]}, "subscriberId"\\c"%s"}',
])
def test_the_destination_comes_back_byte_by_byte(stomp, entities, type, written):
    entities.create(type=type)
    subscriber = new_subscriber()
    if "$" in written:
        text = written.replace("%3$s", subscriber).replace("%1$s", type).replace("%2$s", OPENED)
    else:
        text = written % (type, OPENED, subscriber)
    connection = stomp().connect()
    connection.send_raw(f"SUBSCRIBE\nid:1\ndestination:{text}\n\n\0".encode())
    message, = connection.messages(1)
    assert message.raw["destination"] == text


@pytest.mark.parametrize("names_versions", [True, False])
def test_a_destination_that_java_could_not_take_is_left_out(stomp, entities, type, names_versions):
    entities.create(type=type)
    connection = stomp()
    connection.send("CONNECT", **({"accept-version": "1.2"} if names_versions else {}))
    assert connection.receive().command == "CONNECTED"
    many = [OPENED] + [f"net.example.events.Event{number}" for number in range(400)]
    connection.subscribe(destination(new_subscriber(), type, many))
    message, = connection.messages(1)
    assert ("destination" in message.headers) != names_versions


def test_bytes_may_come_one_by_one(stomp, entities, type):
    entities.create(type=type)
    connection = stomp()
    text = json.dumps(destination(new_subscriber(), type)).replace(":", "\\c")
    for byte in f"\nCONNECT\r\naccept-version:1.2\r\n\r\n\0\nSUBSCRIBE\nid:1\ndestination:{text}\n\n\0".encode():
        connection.send_raw(bytes([byte]))
    assert connection.receive().command == "CONNECTED"
    connection.messages(1)


def test_a_data_with_blank_lines_is_one_line(stomp, entities, type):
    entities.create([{"eventType": OPENED, "eventData": '{"a":\n\n"b\\u0000"}'}], type=type)
    message, = stomp().connect().subscribe(destination(new_subscriber(), type)).messages(1)
    assert message.json["eventData"] == '{"a":\n\n"b\\u0000"}' and "\n" not in message.body


@pytest.mark.parametrize("data, reason", [
    ("SEND\ndestination:x\n\nbody\0", "not supported"),
    ("NONSENSE\n\n\0", "not a command"),
    ("SUBSCRIBE\nid:1\ndestination:nonsense\n\n\0", "destination: not valid JSON"),
    ('SUBSCRIBE\nid:1\ndestination:{"subscriberId":"s"}\n\n\0', "entityTypesAndEvents is missing"),
    ("SUBSCRIBE\ndestination:{}\n\n\0", "no id"),
    ("ACK\n\n\0", "no id"),
    ("ACK\nid:\\t\n\n\0", "backslash"),
    ("x" * 300_000, "more than"),
    ("SEND\ncontent-length:100000000\n\n", "longer than"),
    ("\0", "NUL"),
])
def test_what_is_wrong_is_explained_and_ends_the_connection(stomp, data, reason):
    connection = stomp().connect()
    connection.send_raw(data.encode())
    error = connection.receive()
    assert error.command == "ERROR" and reason in error["message"]
    assert connection.receive() is None


def test_strangers_have_less_room(stomp):
    connection = stomp()
    connection.send_raw(b"CONNECT\npasscode:" + b"x" * 10_000 + b"\n\n\0")
    assert connection.receive().command == "ERROR"


# Delivery


def test_no_message_comes_before_the_receipt(stomp, entities, type):
    for _ in range(20):
        entities.create(type=type)
    # `subscribe` takes no other frame for the receipt.
    stomp().connect().subscribe(destination(new_subscriber(), type)).messages(20)


def test_only_wanted_events_come_each_entity_in_order(stomp, entities, type):
    identifiers = []
    for _ in range(5):
        created = entities.create(
            [event(OPENED, 0), event("net.example.Hidden", 1), event(CHANGED, 2)], type=type).json
        entities.update(created["entityId"], created["entityVersion"], 3, type=type)
        identifiers.append(created["entityId"])
    messages = stomp().connect().subscribe(destination(new_subscriber(), type)).messages(25)
    for identifier in identifiers:
        own = [message.json for message in messages if message.json["entityId"] == identifier]
        assert [each["eventType"] for each in own] == [OPENED] + [CHANGED] * 4
        assert [each["id"] for each in own] == sorted(each["id"] for each in own)
        assert len({each["swimlane"] for each in own}) == 1
    by_lane = {}
    for message in messages:
        by_lane.setdefault(message.json["swimlane"], []).append(message.json["offset"])
    assert all(offsets == sorted(offsets) for offsets in by_lane.values())


def test_a_subscription_spans_types_and_spaces_are_apart(sidecar, stomp, entities):
    first, second = new_type(), new_type()
    Entities(sidecar, space="shop").create(entityId="elsewhere", type=first)
    entities.create(entityId="a", type=first)
    entities.create(entityId="b", type=second)
    both = {"subscriberId": new_subscriber(), "entityTypesAndEvents": {first: [OPENED], second: [OPENED]}}
    connection = stomp().connect().subscribe(both)
    assert sorted(entity_ids(connection.messages(2))) == ["a", "b"]
    connection.subscribe(both | {"space": "shop"}, id="2")
    message, = connection.messages(1)
    assert message.json["entityId"] == "elsewhere" and message.json["entityType"] == first


def test_what_is_not_acknowledged_comes_again(stomp, entities, type):
    for identifier in "abc":
        entities.create(entityId=identifier, type=type)
    wanted = destination(new_subscriber(), type)
    first = stomp().connect().subscribe(wanted)
    for message in first.messages(3, acknowledge=False):
        if message.json["entityId"] == "b":
            first.acknowledge(message)
    first.close()
    # As clients do it that come back: with the same id, and nothing said before.
    second = stomp().connect().subscribe(wanted)
    assert sorted(entity_ids(second.messages(2))) == ["a", "c"]
    assert second.nothing_comes()


def test_what_happens_meanwhile_is_delivered_afterwards(stomp, entities, type):
    entities.create(entityId="a", type=type)
    wanted = destination(new_subscriber(), type)
    first = stomp().connect().subscribe(wanted)
    first.messages(1)
    first.disconnect()
    entities.create(entityId="b", type=type)
    assert entity_ids(stomp().connect().subscribe(wanted).messages(1)) == ["b"]


def test_acknowledgements_of_an_earlier_connection_have_no_effect(stomp, entities, type):
    entities.create(entityId="a", type=type)
    wanted = destination(new_subscriber(), type)
    first = stomp().connect().subscribe(wanted)
    old, = first.messages(1, acknowledge=False)
    first.close()
    second = stomp().connect().subscribe(wanted)
    second.messages(1, acknowledge=False)
    second.acknowledge(old)
    second.send("ACK", id="nonsense")
    second.disconnect()
    assert entity_ids(stomp().connect().subscribe(wanted).messages(1)) == ["a"]


def test_a_thousand_messages_may_be_unacknowledged(stomp, entities, type):
    created = entities.create(500, type=type).json
    version = created["entityVersion"]
    for _ in range(5):
        version = entities.update(created["entityId"], version, 100, type=type).json["entityVersion"]
    connection = stomp().connect().subscribe(destination(new_subscriber(), type))
    messages = connection.messages(1000, acknowledge=False)
    for message in messages:
        connection.acknowledge(message)
    connection.disconnect()


def test_two_connections_of_a_subscriber_share_the_events(stomp, entities, type):
    wanted = destination(new_subscriber(), type)
    connections = [stomp().connect().subscribe(wanted) for _ in range(2)]
    created = {entities.create(type=type).json["entityId"] for _ in range(60)}
    seen, deadline = [set(), set()], time.monotonic() + 30
    while set.union(*seen) != created and time.monotonic() < deadline:
        for own, connection in zip(seen, connections):
            with contextlib.suppress(queue.Empty):
                message = connection.receive(0.1)
                connection.acknowledge(message)
                own.add(message.json["entityId"])
    # Lanes change hands while the second one connects, and what was under way then may come twice.
    assert set.union(*seen) == created and all(seen)


def test_two_subscribers_each_get_everything(stomp, entities, type):
    entities.create(entityId="a", type=type)
    for _ in range(2):
        assert entity_ids(stomp().connect().subscribe(destination(new_subscriber(), type)).messages(1)) == ["a"]


def test_a_subscription_may_come_before_the_first_event(stomp, entities, type):
    connection = stomp().connect().subscribe(destination(new_subscriber(), type))
    entities.create(entityId="a", type=type)
    assert entity_ids(connection.messages(1)) == ["a"]


# Options


@pytest.mark.parametrize("nested", [True, False])
def test_what_begins_at_the_end_leaves_out_what_was(stomp, entities, type, nested):
    entities.create(entityId="old", type=type)
    options = {"durability": "DURABLE", "readFrom": "END", "progressNotifications": False}
    wanted = destination(new_subscriber(), type, **({"options": options} if nested else options))
    connection = stomp().connect().subscribe(wanted)
    entities.create(entityId="new", type=type)
    assert entity_ids(connection.messages(1)) == ["new"]


def test_a_transient_subscription_is_forgotten(sidecar, stomp, entities, type):
    entities.create(entityId="a", type=type)
    wanted = destination(new_subscriber(), type, options={"durability": "TRANSIENT", "readFrom": "END"})
    first = stomp().connect().subscribe(wanted)
    entities.create(entityId="b", type=type)
    assert entity_ids(first.messages(1)) == ["b"]
    first.disconnect()
    entities.create(entityId="c", type=type)
    second = stomp().connect().subscribe(wanted)
    assert second.nothing_comes()
    entities.create(entityId="d", type=type)
    assert entity_ids(second.messages(1)) == ["d"]


def test_options_that_mean_nothing_are_the_defaults(stomp, entities, type):
    entities.create(entityId="a", type=type)
    wanted = destination(new_subscriber(), type, durability="100", readFrom="begin")
    assert entity_ids(stomp().connect().subscribe(wanted).messages(1)) == ["a"]


@pytest.mark.parametrize("durability", ["DURABLE", "TRANSIENT"])
def test_the_end_of_what_was_there_is_told_for_each_swimlane(stomp, entities, type, durability):
    for _ in range(4):
        entities.create(type=type)
    wanted = destination(new_subscriber(), type, durability=durability, progressNotifications=True)
    messages = stomp().connect().subscribe(wanted).messages(12)
    ends = [message.json for message in messages if message.json["eventType"] == END]
    assert {end["swimlane"] for end in ends} == set(range(8)) and len(ends) == 8
    for end in ends:
        assert set(end) == FIELDS
        assert json.loads(end["eventData"]) == {"entityType": type, "swimlane": end["swimlane"]}
    # In each swimlane, the end comes last.
    for end in ends:
        lane = [message.json["eventType"] for message in messages if message.json["swimlane"] == end["swimlane"]]
        assert lane[-1] == END


# Tokens


def test_an_event_changes_an_entity_once_for_each_subscriber(stomp, entities, type):
    entities.create(type=type)
    new = new_type()
    other = entities.create(type=new).json
    tokens = [stomp().connect().subscribe(destination(new_subscriber(), type)).messages(1)[0].json["eventToken"]
              for _ in range(2)]
    assert tokens[0] != tokens[1]
    version = other["entityVersion"]
    for token in tokens:
        query = f"?triggeringEventToken={token}"
        assert entities.find(other["entityId"], query, type=new).status == 200
        version = entities.update(
            other["entityId"], version, type=new, triggeringEventToken=token).json["entityVersion"]
        assert entities.find(other["entityId"], query, type=new).json["error"] == "duplicate_event"
    assert len(entities.find(other["entityId"], type=new).json["events"]) == 3


def test_a_token_is_the_same_when_the_event_comes_again(stomp, entities, type):
    entities.create(type=type)
    wanted = destination(new_subscriber(), type)
    tokens = []
    for _ in range(2):
        connection = stomp().connect().subscribe(wanted)
        tokens.append(connection.messages(1, acknowledge=False)[0].json["eventToken"])
        connection.close()
    assert tokens[0] == tokens[1]


# Times


def test_an_idle_connection_beats_by_itself(stomp):
    connection = stomp().connect(heart_beat="5000,5000")
    deadline = time.monotonic() + 15
    while not connection.beats and time.monotonic() < deadline:
        time.sleep(0.2)
    assert connection.beats and connection.chunks[-1] == b"\n"


def test_wrong_credentials_are_held_and_refused(executable, tmp_path):
    (tmp_path / "keys").write_text("key: secret, web\n")
    options = [*OPTIONS, f"--eventuate-api-keys={tmp_path / 'keys'}"]
    with Sidecar(executable, tmp_path / "data", domain=None, options=options) as sidecar:
        for login in ({}, {"login": "key", "passcode": "wrong"}, {"login": "nobody", "passcode": "secret"}):
            with Stomp(sidecar) as connection:
                connection.send("CONNECT", accept_version="1.2", **login)
                frames = []
                assert seconds(lambda: frames.append(connection.receive())) >= 0.95
                assert frames[0].command == "ERROR" and "API key" in frames[0]["message"]
                assert connection.receive() is None
        with Stomp(sidecar) as connection:
            connection.connect("key", "secret")
        # The same key works over HTTP.
        assert Entities(sidecar, Authorization=basic("key", "secret")).create().status == 200


def test_a_client_that_comes_again_and_again_is_slowed_down(sidecar):
    def connect():
        with Stomp(sidecar) as connection:
            connection.connect()

    began, count = time.monotonic(), 0
    while time.monotonic() - began < 4:
        connect()
        count += 1
    assert 20 < count < 120


# Ends


def test_a_kill_loses_no_acknowledgement_that_is_confirmed(executable, tmp_path):
    def begin():
        return Sidecar(executable, tmp_path / "data", domain=None, options=OPTIONS)

    wanted = destination("s")
    with begin() as sidecar:
        entities = Entities(sidecar)
        for number in range(30):
            entities.create(entityId=f"{number}")
        connection = Stomp(sidecar).connect().subscribe(wanted)
        messages = connection.messages(30, acknowledge=False)
        for message in messages[:20]:
            connection.acknowledge(message)
        connection.disconnect()
        sidecar.kill()
    with begin() as sidecar:
        left = Stomp(sidecar).connect().subscribe(wanted).messages(10)
        assert sorted(entity_ids(left)) == sorted(entity_ids(messages[20:]))


def test_a_gateway_apart_is_killed_and_replaced(executable, tmp_path):
    """The sidecars go on; what the killed gateway's client did not acknowledge comes again."""
    with Sidecar(executable, tmp_path / "data", domain=None, options=["--projector-enabled=false"]) as sidecar:
        apart = ["--eventuate=true", f"--command-handler={sidecar.addresses['command-handler']}",
                 f"--query-handler={sidecar.addresses['query-handler']}"]

        def gateway():
            return Sidecar(executable, tmp_path / "none", domain=None, role="gateway", options=apart)

        wanted = destination("s")
        with gateway() as first:
            entities = Entities(first)
            for number in range(10):
                assert entities.create(entityId=f"{number}").status == 200
            connection = Stomp(first).connect().subscribe(wanted)
            messages = connection.messages(10, acknowledge=False)
            for message in messages[:5]:
                connection.acknowledge(message)
            connection.disconnect()
            first.kill()
        with gateway() as second:
            connection = Stomp(second).connect().subscribe(wanted)
            assert sorted(entity_ids(connection.messages(5))) == sorted(entity_ids(messages[5:]))


def test_a_gateway_apart_serves_a_thousand_connections(executable, tmp_path):
    """More than the query-handler takes on one connection, with all that else is asked there."""
    count, each = 1010, 40  # of one address so many are let in at once
    type = new_type()
    with Sidecar(executable, tmp_path / "data", domain=None, options=OPTIONS) as sidecar:
        backends = [f"--{role}={sidecar.addresses[role]}" for role in ("command-handler", "query-handler")]
        with Sidecar(executable, tmp_path / "none", role="gateway", options=["--eventuate=true", *backends],
                     domain=None) as gateway, contextlib.ExitStack() as opened:
            host, port = gateway.addresses["stomp"].split(":")
            entities = Entities(gateway)
            entities.create(type=type)
            connections = []
            for number in range(count):
                source = f"127.0.1.{number // each + 1}", 0
                connection = socket.create_connection((host, int(port)), TIMEOUT, source)
                connections.append(opened.enter_context(opened.enter_context(connection).makefile("rb")))
                text = escaped(json.dumps(destination(f"s{number}", type, [OPENED])))
                connection.sendall(b"CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"
                                   + f"SUBSCRIBE\nid:1\ndestination:{text}\n\n\0".encode())
            for connection in connections:
                assert next_message(connection)["subscription"] == "1"
            # Whatever else is asked of the query-handler is answered beside them.
            identifier = entities.create(type=type).json["entityId"]
            assert len(entities.find(identifier, type=type).json["events"]) == 1
            for connection in connections:
                assert next_message(connection).json["entityId"] == identifier


def next_message(frames):
    """The next MESSAGE of a connection's file."""
    while True:
        data = b""
        while not data.endswith(b"\0"):
            part = frames.read(1)
            assert part, data
            data += part
        frame = Frame(data[:-1].decode().lstrip("\n"))
        assert frame.command in ("CONNECTED", "MESSAGE"), frame
        if frame.command == "MESSAGE":
            return frame


def test_a_shutdown_stores_what_was_acknowledged(executable, tmp_path):
    def begin():
        return Sidecar(executable, tmp_path / "data", domain=None, options=OPTIONS)

    wanted = destination("s")
    with begin() as sidecar:
        entities = Entities(sidecar)
        for number in range(10):
            entities.create(entityId=f"{number}")
        connection = Stomp(sidecar).connect().subscribe(wanted)
        connection.messages(10)
        connection.send("NACK", id="x", receipt="taken")
        assert connection.receive()["receipt-id"] == "taken"
        assert sidecar.stop() == 0
        assert connection.receive() is None
    with begin() as sidecar:
        assert Stomp(sidecar).connect().subscribe(wanted).nothing_comes()


def test_it_is_spoken_within_tls(executable, tmp_path, certificates):
    options = [*OPTIONS, f"--tls-certificate={certificates / 'server.pem'}",
               f"--tls-key={certificates / 'server.key'}"]
    context = ssl.create_default_context(cafile=certificates / "ca.pem")

    def wrap(connection):
        return context.wrap_socket(connection, server_hostname="127.0.0.1")

    with Sidecar(executable, tmp_path / "data", domain=None, options=options) as sidecar:
        with Stomp(sidecar, wrap=wrap) as connection:
            connection.connect()


# Pressure


LARGE = "x" * 200_000
PRESSURE = 150


def gauges(sidecar):
    """Eventuate's own metrics, by what follows their prefix."""
    connection = http.client.HTTPConnection(sidecar.addresses["metrics"], timeout=20)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    return {name: float(value) for name, value in re.findall(r"^outrider_eventuate_(\w+) (\S+)$", text, re.MULTILINE)}


def test_a_client_that_reads_nothing_stops_what_is_read_for_it(executable, tmp_path):
    options = [*OPTIONS, "--metrics-listen=127.0.0.1:0"]
    with Sidecar(executable, tmp_path / "data", domain=None, options=options) as sidecar:
        entities = Entities(sidecar)
        for _ in range(PRESSURE):
            assert entities.create([event(OPENED, LARGE)]).status == 200
        may_read = threading.Event()
        with Stomp(sidecar, before_reading=lambda: may_read.wait(60)) as connection:
            connection.send("CONNECT", accept_version="1.2")
            connection.send("SUBSCRIBE", id="1", destination=json.dumps(destination("s")))
            eventually(lambda: gauges(sidecar)["delivered_total"] > 0)
            delivered = settled(lambda: gauges(sidecar)["delivered_total"])
            assert delivered < PRESSURE
            assert gauges(sidecar)["connections"] == gauges(sidecar)["subscriptions"] == 1
            may_read.set()
            assert connection.receive().command == "CONNECTED"
            connection.messages(PRESSURE)
            eventually(lambda: gauges(sidecar)["unacknowledged"] == 0)
            assert gauges(sidecar)["delivered_total"] == PRESSURE
        eventually(lambda: gauges(sidecar)["connections"] == gauges(sidecar)["subscriptions"] == 0)


def settled(look):
    """What it is once it has been the same for a second."""
    last, since = look(), time.monotonic()
    while time.monotonic() - since < 1:
        if (now := look()) != last:
            last, since = now, time.monotonic()
        time.sleep(0.05)
    return last
