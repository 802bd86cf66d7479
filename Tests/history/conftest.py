import os
import random

import pytest
from built import built
from built import executable as executable


@pytest.fixture(scope="session")
def worker():
    return built("history-worker", "OUTRIDER_TEST_HISTORY_WORKER")


@pytest.fixture
def seed():
    return os.environ.get("HISTORY_SEED") or str(random.getrandbits(32))
