"""What goes wrong in a run, and when: all of it follows from the seed."""

import time
from collections import namedtuple
from random import Random

Fault = namedtuple("Fault", "at kind victim seconds")


def schedule(seed, duration, kinds, gap=0.3):
    """Faults at random moments, `gap` seconds apart on average."""
    random, faults, at = Random(f"{seed} faults"), [], 0
    while (at := at + random.expovariate(1 / gap)) < duration:
        faults.append(Fault(at, random.choice(kinds), random.randrange(100), random.uniform(0.1, 1.5)))
    return faults


class Faults:
    """What can go wrong with any store: its processes die, or stand still for a while.

    A store adds what can go wrong with its server, as methods of the same shape.
    """

    kinds = ["kill_writer", "kill_follower", "pause_writer", "pause_follower"]

    def __init__(self, writers, followers):
        self.writers, self.followers = writers, followers
        self.ends = []  # when what lasts a while is over, and what to do then

    def run(self, faults, duration):
        begin = time.monotonic()

        def wait_until(at):
            time.sleep(max(0, begin + at - time.monotonic()))

        for fault in faults:
            while self.ends and self.ends[0][0] <= fault.at:
                at, end = self.ends.pop(0)
                wait_until(at)
                end()
            wait_until(fault.at)
            getattr(self, fault.kind)(fault)
        wait_until(duration)
        for _, end in self.ends:
            end()

    def until(self, fault, end):
        self.ends.append((fault.at + fault.seconds, end))
        self.ends.sort(key=lambda entry: entry[0])

    def writer(self, fault):
        return self.writers[fault.victim % len(self.writers)]

    def follower(self, fault):
        return self.followers[fault.victim % len(self.followers)]

    def kill_writer(self, fault):
        self.writer(fault).kill()
        self.writer(fault).start()

    def kill_follower(self, fault):
        self.follower(fault).kill()
        self.follower(fault).start()

    def pause_writer(self, fault):
        self.writer(fault).pause()
        self.until(fault, self.writer(fault).go_on)

    def pause_follower(self, fault):
        self.follower(fault).pause()
        self.until(fault, self.follower(fault).go_on)
