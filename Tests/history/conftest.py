import os

import pytest
from sidecar import TOP


@pytest.fixture(scope="session")
def worker():
    path = TOP / os.environ.get("OUTRIDER_TEST_HISTORY_WORKER", ".build/debug/history-worker")
    assert path.exists(), f"{path} is not built: swift build --product history-worker"
    return path
