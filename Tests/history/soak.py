"""Runs of the history check, one after the other with new seeds, for so many minutes.

A failure says its seed: soak.py --seed N runs the same faults again.  Usage: soak.py [--minutes N] [--seed N]
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from cluster.run import run as run_cluster
from cluster.stores import MongoStore, SQLiteStore
from faults import WorkerFaults
from mongodb import own_engine, server_faults, store_of
from run import Failed, run
from sidecar import TOP

WORKER = TOP / ".build/release/history-worker"
OUTRIDER = TOP / ".build/release/outrider"


def on_sqlite(directory, seed, duration):
    return run(WORKER, f"sqlite:{directory / 'data'}", directory, seed, duration, WorkerFaults)


def on_mongodb(directory, seed, duration):
    with own_engine(directory / "engine") as engine:
        return run(WORKER, store_of(engine), directory, seed, duration, server_faults(engine))


def through_sidecars(store):
    def run_on(directory, seed, duration):
        return run_cluster(OUTRIDER, store(directory), directory, seed, duration)

    return run_on


#: What a run is of, and how it is done: a log that processes use at once, or the whole path.
KINDS = {
    "log, mongodb": on_mongodb,
    "path, mongodb": through_sidecars(MongoStore),
    "log, sqlite": on_sqlite,
    "path, sqlite": through_sidecars(SQLiteStore),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--duration", type=float, default=30, help="of one run, in seconds")
    parser.add_argument("--seed", help="do just one run of each kind")
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    while True:
        seed = options.seed or str(random.getrandbits(32))
        for name, run_on in KINDS.items():
            directory = Path(tempfile.mkdtemp(prefix="history-"))
            try:
                happened = run_on(directory, seed, options.duration)
            except (Failed, AssertionError) as failure:
                sys.exit(f"{name}, {failure}")  # the histories stay
            counts = ", ".join(f"{count} {word}" for word, count in sorted(happened.items()))
            print(f"{name:<14} seed {seed:>10}: {counts}", flush=True)
            shutil.rmtree(directory)
        if options.seed or time.monotonic() > end:
            return


if __name__ == "__main__":
    main()
