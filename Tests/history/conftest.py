import os
import random

import pytest
from sidecar import TOP


def built(variable, product):
    path = TOP / os.environ.get(variable, f".build/debug/{product}")
    assert path.exists(), f"{path} is not built: swift build --product {product}"
    return path


@pytest.fixture(scope="session")
def worker():
    return built("OUTRIDER_TEST_HISTORY_WORKER", "history-worker")


@pytest.fixture(scope="session")
def executable():
    return built("OUTRIDER_TEST_EXECUTABLE", "outrider")


@pytest.fixture
def seed():
    return os.environ.get("HISTORY_SEED") or str(random.getrandbits(32))
