"""The log keeps its promises while its writers and readers are killed: a short run on each store.

`HISTORY_SEED=n` runs the same faults again. `make soak` runs for as long as one likes.
"""

from mongodb import own_engine, server_faults, store_of
from run import run


def test_sqlite(worker, tmp_path, seed):
    happened = run(worker, f"sqlite:{tmp_path / 'data'}", tmp_path, seed, duration=4)
    assert_something_was_tried(happened)


def test_mongodb(worker, tmp_path, seed):
    with own_engine(tmp_path / "engine") as engine:
        happened = run(worker, store_of(engine), tmp_path, seed, duration=8,
                       faults_of=server_faults(engine))
    assert_something_was_tried(happened)


def assert_something_was_tried(happened):
    print(dict(happened))
    assert happened["ok"] > 100 and happened["conflict"] > 0 and happened["known"] > 0, happened
