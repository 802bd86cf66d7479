import os

import pytest
from sidecar import TOP


@pytest.fixture(scope="session")
def avro_peer():
    path = TOP / os.environ.get("OUTRIDER_TEST_AVRO_PEER", ".build/debug/avro-peer")
    assert path.exists(), f"{path} is not built: swift build --product avro-peer"
    return path


@pytest.fixture
def seed():
    return int(os.environ.get("AVRO_SEED") or int.from_bytes(os.urandom(4)))
