"""The whole path keeps its promises while everything in it fails: a short run on each store.

`HISTORY_SEED=n` runs the same faults again. `make soak` runs for as long as one likes.
"""

from collections import Counter

import pytest

from .run import run
from .stores import MongoStore, SQLiteStore


#: On a busy machine a run may be over before anybody has taken over.
TURNS = 3


@pytest.mark.parametrize("store", [SQLiteStore, MongoStore])
def test_the_whole_path(executable, tmp_path, seed, store):
    happened = Counter()
    for turn in range(TURNS):
        directory = tmp_path / str(turn)
        directory.mkdir()
        happened += run(executable, store(directory), directory, f"{seed}.{turn}" if turn else seed, duration=8)
        if happened["takeovers"]:
            break
    print(seed, dict(happened))
    assert happened["ok"] > 50 and happened["refused"] > 0, happened
    assert happened["takeovers"] > 0 and happened["written"] > 0, happened
