import contextlib
import os
import threading

import pytest
from apart import Apart, add_up, numbers
from brokers import RabbitMQ
from built import executable as executable
from certificates import issue, sign_itself
from client import Client
from ending import end
from engine import Engine
from logic import FunctionsByAnswer, Logic
from sidecar import Sidecar


@pytest.fixture
def start(executable, tmp_path):
    """Starts sidecars, and leaves none behind. All share one data directory unless told otherwise."""
    started = []

    def start(*, data=tmp_path / "data", **settings):
        started.append(Sidecar(executable, data, **settings))
        return started[-1].start()

    yield start
    with contextlib.ExitStack() as ending:
        for sidecar in started:
            ending.callback(end, sidecar)


@pytest.fixture
def gate():
    """Logic waits here. It is open in the end, whatever comes of the test."""
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture(params=["sqlite", "mongodb"])
def shared_store(request, tmp_path):
    """Where processes of one deployment keep everything, on each kind of store that they can share."""
    if request.param == "sqlite":
        yield tmp_path / "shared"
    else:
        engine = Engine(tmp_path / "engine").start("--owner", str(os.getpid()))
        server, _, options = engine.uri.partition("?")
        yield f"{server.rstrip('/')}/shop?{options}"
        engine.kill()


@pytest.fixture(scope="module")
def style():
    """What the logic is called by. A module that is to run in both styles gives this parameters."""
    return "classic"


@pytest.fixture(scope="module")
def shared(executable, tmp_path_factory, style):
    """One sidecar and its logic for all tests of a module, each with aggregates of its own."""
    logic = Logic() if style == "classic" else FunctionsByAnswer()
    options = ["--projector-synchronous=true", "--projector-retry-time=1s", f"--logic-style={style}"]
    data = tmp_path_factory.mktemp("data")
    with Sidecar(executable, data, address=logic.address, options=options) as sidecar:
        yield sidecar, logic
        end(sidecar)
    logic.stop()


@pytest.fixture(scope="module")
def logic_process():
    """Logic without a sidecar, for those that a test starts."""
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def logic(shared):
    shared[1].reset()
    return shared[1]


@pytest.fixture
def client(shared, logic):
    return Client(shared[0])


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """An authority, certificates of servers at an address and under a name, and of two clients."""
    directory = tmp_path_factory.mktemp("certificates")
    sign_itself(directory, "ca")
    alternatives = {"server": "IP:127.0.0.1", "named": "DNS:peer.test", "web": "URI:spiffe://shop/web",
                    "other": "DNS:other"}
    for name, names in alternatives.items():
        issue(directory, name, names)
    return directory


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    broker = RabbitMQ(tmp_path_factory.mktemp("broker") / "data").start()
    yield broker
    broker.kill()


@pytest.fixture
def exchange(broker):
    """The channel's URI, with an exchange of the test's own."""
    name = f"test-{next(numbers)}"
    yield f"{broker.uri}?exchange={name}"
    channel = broker.channel()
    channel.exchange_delete(name)
    channel.connection.close()


@pytest.fixture
def projector_logic():
    logic = Logic()
    logic.project = add_up
    yield logic
    logic.stop()


@pytest.fixture
def apart(start, projector_logic, exchange, tmp_path):
    return Apart(start, projector_logic, exchange, tmp_path=tmp_path)
