"""The whole path keeps its promises while everything in it fails: a short run on each store.

`HISTORY_SEED=n` runs the same faults again. `make soak` runs for as long as one likes.
"""

import pytest

from .run import run
from .stores import MongoStore, SQLiteStore


@pytest.mark.parametrize("store", [SQLiteStore, MongoStore])
def test_the_whole_path(executable, tmp_path, seed, store):
    happened = run(executable, store(tmp_path), tmp_path, seed, duration=8)
    print(seed, dict(happened))
    assert happened["ok"] > 100 and happened["refused"] > 0 and happened["takeovers"] > 0, happened
