"""STOMP with clients of other makes: stomp.py speaks 1.2, aiostomp 1.1."""

import asyncio
import json
import queue

import pytest
import stomp
from aiostomp import AioStomp
from eventuate import OPTIONS, TIMEOUT, Entities, destination, new_type
from sidecar import Sidecar


@pytest.fixture(scope="module")
def sidecar(executable, tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    (directory / "keys").write_text("key: secret\n")
    options = [*OPTIONS, f"--eventuate-api-keys={directory / 'keys'}"]
    with Sidecar(executable, directory / "data", domain=None, options=options) as sidecar:
        yield sidecar


@pytest.fixture
def entities(sidecar):
    return Entities(sidecar, Authorization="Basic a2V5OnNlY3JldA==")


def place(sidecar):
    host, _, port = sidecar.addresses["stomp"].rpartition(":")
    return host, int(port)


class Listener(stomp.ConnectionListener):
    def __init__(self):
        self.frames = queue.Queue()

    def on_message(self, frame):
        self.frames.put(frame)

    def on_receipt(self, frame):
        self.frames.put(frame)

    def on_error(self, frame):
        self.frames.put(frame)


@pytest.fixture
def connect(sidecar):
    """Connections of stomp.py."""
    opened = []

    def connect(passcode="secret", heartbeats=(0, 10000)):
        connection = stomp.Connection12([place(sidecar)], heartbeats=heartbeats, reconnect_attempts_max=1)
        listener = Listener()
        connection.set_listener("test", listener)
        opened.append(connection)
        connection.connect("key", passcode, wait=True)
        return connection, listener

    yield connect
    for connection in opened:
        if connection.is_connected():
            connection.disconnect()


def test_stomp_py_gets_events_and_acknowledges_them(connect, entities):
    type = new_type()
    wanted = json.dumps(destination("stomp.py", type))
    for identifier in ("a", "b"):
        entities.create(entityId=identifier, type=type)
    connection, listener = connect()
    connection.subscribe(wanted, id=1, ack="client-individual", receipt="subscribed")
    assert listener.frames.get(timeout=TIMEOUT).headers["receipt-id"] == "subscribed"
    messages = [listener.frames.get(timeout=TIMEOUT) for _ in range(2)]
    assert {json.loads(message.body)["entityId"] for message in messages} == {"a", "b"}
    assert messages[0].headers["destination"] == wanted
    connection.ack(messages[0].headers["ack"])
    connection.disconnect(receipt="bye")
    while listener.frames.get(timeout=TIMEOUT).headers.get("receipt-id") != "bye":
        pass
    again, listener = connect()
    again.subscribe(wanted, id=1, ack="client-individual")
    left = listener.frames.get(timeout=TIMEOUT)
    assert json.loads(left.body)["entityId"] == json.loads(messages[1].body)["entityId"]
    again.unsubscribe(1)


def test_stomp_py_is_told_what_is_wrong(connect):
    connection, listener = connect()
    connection.subscribe("nonsense", id=1, ack="client-individual")
    assert "destination" in listener.frames.get(timeout=TIMEOUT).headers["message"]


def test_stomp_py_is_not_let_in_without_a_key(connect):
    with pytest.raises(stomp.exception.ConnectFailedException):
        connect(passcode="wrong")


def test_aiostomp_gets_events_and_acknowledges_them(sidecar, entities):
    type = new_type()
    for identifier in ("a", "b"):
        entities.create(entityId=identifier, type=type)

    async def take(wanted):
        """What comes until all that is wanted has."""
        client, taken, all_taken = AioStomp(*place(sidecar)), set(), asyncio.Event()

        async def handle(frame, body):
            taken.add(json.loads(body)["entityId"])
            if wanted <= taken:
                all_taken.set()
            return True

        await client.connect("key", "secret")
        client.subscribe(json.dumps(destination("aiostomp", type)), ack="client-individual", handler=handle)
        await asyncio.wait_for(all_taken.wait(), TIMEOUT)
        client.close()
        return taken

    asyncio.run(take({"a", "b"}))
    entities.create(entityId="c", type=type)
    # The acknowledgement of the last one may have been lost with the connection.
    assert len(asyncio.run(take({"c"}))) < 3
