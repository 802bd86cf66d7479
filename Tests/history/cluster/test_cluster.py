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
    assert happened["ok"] > 50 and happened["refused"] > 0, happened
    assert happened["takeovers"] > 0 and happened["written"] > 0, happened
