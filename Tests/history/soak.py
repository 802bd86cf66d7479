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

from faults import Faults
from mongodb import own_engine, server_faults, store_of
from run import Failed, run
from sidecar import TOP

WORKER = TOP / ".build/release/history-worker"
COUNTED = ["ok", "conflict", "known", "unknown", "saw"]


def on_sqlite(directory, seed, duration):
    return run(WORKER, f"sqlite:{directory / 'data'}", directory, seed, duration, Faults)


def on_mongodb(directory, seed, duration):
    with own_engine(directory / "engine") as engine:
        return run(WORKER, store_of(engine), directory, seed, duration, server_faults(engine))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--duration", type=float, default=30, help="of one run, in seconds")
    parser.add_argument("--seed", help="do just this one run, on each store")
    options = parser.parse_args()
    print(f"{'store':<8} {'seed':>12}" + "".join(f"{word:>10}" for word in COUNTED), flush=True)
    end = time.monotonic() + options.minutes * 60
    while True:
        seed = options.seed or str(random.getrandbits(32))
        for name, run_on in ("mongodb", on_mongodb), ("sqlite", on_sqlite):
            directory = Path(tempfile.mkdtemp(prefix="history-"))
            try:
                happened = run_on(directory, seed, options.duration)
            except (Failed, AssertionError) as failure:
                sys.exit(f"{name}, {failure}")  # the histories stay
            print(f"{name:<8} {seed:>12}" + "".join(f"{happened[word]:>10}" for word in COUNTED),
                  flush=True)
            shutil.rmtree(directory)
        if options.seed or time.monotonic() > end:
            return


if __name__ == "__main__":
    main()
