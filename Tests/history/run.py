"""One run: writers and followers at work on a store, faults, and the check of what came of it."""

import time
from collections import Counter

from checker import check
from faults import WorkerFaults, schedule
from workers import Follower, Writer


class Failed(Exception):
    """What is wrong, and how to see it again."""


def run(executable, store, directory, seed, duration, faults_of=WorkerFaults, writers=3, followers=3):
    """Returns how often each thing happened. Raises `Failed` where the log broke a promise."""
    writers = [Writer(executable, store, directory, f"writer-{n}", seed) for n in range(writers)]
    followers = [Follower(executable, store, directory, f"follower-{n}") for n in range(followers)]
    faults = schedule(seed, duration, faults_of.kinds)
    workers = writers + followers
    try:
        for worker in workers:
            worker.start()
        faults_of(writers, followers).run(faults, duration)
        died = [worker for worker in workers if worker.process.poll() is not None]
        assert not died, f"{died[0].name} ended by itself: {died[0].complaint}"
        for writer in writers:
            writer.finish()
        reader = Follower(executable, store, directory, "reader")
        workers.append(reader)
        reader.start()
        last = max((int(line[2]) for writer in writers for line in writer.history
                    if line[0] == "ok"), default=0)
        found = wait_for(last, [reader, *followers])
    finally:
        for worker in workers:
            if worker.process:
                worker.kill()
    found += check([writer.history for writer in writers],
                   [follower.history for follower in followers], reader.history)
    if found:
        raise Failed("\n  ".join([
            f"seed {seed}, histories in {directory}:", *found[:20],
            "what went wrong on purpose:", *(f"{fault.at:.2f} s {fault.kind}" for fault in faults)]))
    return Counter(line[0] for worker in workers for line in worker.history)


def wait_for(position, followers, patience=60):
    """Until all have seen what is at this position. Nobody has to wait for long: that is a promise, too."""
    end = time.monotonic() + patience
    while behind := [follower for follower in followers if follower.last_position < position]:
        if time.monotonic() > end:
            return [f"{follower.name} is at {follower.last_position} and does not get to {position}"
                    for follower in behind]
        time.sleep(0.05)
    return []
