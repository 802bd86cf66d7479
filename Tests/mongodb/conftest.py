"""What the event store needs of a MongoDB server, and that the engine of devops/mongodb gives it.

With OUTRIDER_TEST_MONGODB_URI set to another server, that one is tested, and what only the engine has is left out.
"""

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest
from engine import Engine
from pymongo import MongoClient
from pymongo.errors import OperationFailure


@pytest.fixture(scope="session")
def server():
    """The address of a server that all tests share."""
    if given := os.environ.get("OUTRIDER_TEST_MONGODB_URI"):
        yield given
        return
    with tempfile.TemporaryDirectory() as directory:
        engine = Engine(Path(directory)).start(f"--owner={os.getpid()}")
        yield engine.uri
        engine.stop()


@pytest.fixture(scope="session")
def client(server):
    with MongoClient(server, serverSelectionTimeoutMS=10_000) as client:
        yield client


@pytest.fixture(scope="session")
def is_ours(client):
    return "DocumentDB" in client.admin.command("buildInfo")["gitVersion"]


@pytest.fixture
def ours(is_ours):
    if not is_ours:
        pytest.skip("of the engine only")


@pytest.fixture
def database(client):
    name = f"test-{uuid.uuid4().hex}"
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def log(database):
    return database.log


@pytest.fixture
def fail(client):
    """fail(["insert"], times=1, errorCode=…) sets the fail point; it is off after the test."""
    def fail(commands, times=1, **data):
        mode = "alwaysOn" if times is None else {"times": times}
        client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": {"failCommands": commands} | data})

    off = {"configureFailPoint": "failCommand", "mode": "off"}
    try:
        client.admin.command(off)
    except OperationFailure as error:
        pytest.skip(f"the server has no fail points: {error}")
    yield fail
    client.admin.command(off)


@pytest.fixture
def own(tmp_path, ours):
    """An engine of the test's own, not started yet."""
    engine = Engine(tmp_path / "engine")
    yield engine
    if engine.directory.exists():
        engine.kill()
        shutil.rmtree(engine.directory)
