"""Tells what goes on while it goes on: counts every two seconds, and what is said in between."""

import threading
import time

INTERVAL, PATIENCE = 2, 30  # seconds


class Watch:
    """`counts` are functions under the headings of their columns; None is shown as "away"."""

    def __init__(self, counts):
        self.counts = counts
        self.began = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        while not self.over.wait(INTERVAL):
            self.row()

    def row(self):
        self.say("".join(f"{'away' if count is None else count:>14}" for count in self.read()))

    def read(self):
        return [count() for count in self.counts.values()]

    def settle(self):
        """Returns when all counts are the same; a busy machine may take its time, as long as they move."""
        last, moved = None, time.monotonic()
        while len(set(counts := self.read())) > 1:
            if counts != last:
                last, moved = counts, time.monotonic()
            if time.monotonic() - moved > PATIENCE:
                raise SystemExit(f"FAILED: {', '.join(map('{} {}'.format, self.counts, counts))}, and nothing moves")
            time.sleep(0.1)
        self.row()

    def say(self, line):
        print(f"{time.monotonic() - self.began:8.1f} s  {line}\n", end="", flush=True)

    def __enter__(self):
        print(" " * 12 + "".join(f"{heading:>14}" for heading in self.counts))
        self.thread.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.thread.join()


def wait_for(what, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"FAILED: within {PATIENCE} s it did not happen that {what}")
        time.sleep(0.02)
