"""Kills every part in turn, under load."""

import time
from collections import Counter

#: By when commands are answered again, whatever was killed.
PATIENCE = 120


class Kills:
    """`answered` counts the commands that were answered, and `between` of them lie between two kills."""

    def __init__(self, parts, answered, between, say):
        self.parts, self.answered, self.between, self.say = parts, answered, between, say
        self.counts = Counter()

    def in_turn(self, random):
        """Kills each part once, in any order, and then again. Yields after each kill."""
        while True:
            for part in random.sample(self.parts, len(self.parts)):
                self.wait_for(self.answered() + self.between, f"before {part.kind} is killed")
                part.kill()
                began = time.monotonic()
                part.start()
                self.counts[part.kind] += 1
                self.say(f"{part.kind} was killed, and is back after {time.monotonic() - began:.1f} s")
                yield

    def wait_for(self, count, when):
        deadline = time.monotonic() + PATIENCE
        while self.answered() < count:
            assert time.monotonic() < deadline, f"no command is answered {when}, after {dict(self.counts)}"
            time.sleep(0.01)

    def of(self, *kinds):
        return sum(self.counts[kind] for kind in kinds)
