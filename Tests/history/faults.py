"""What goes wrong in a run, and when: all of it follows from the seed."""

import time
from collections import namedtuple
from functools import partial
from random import Random

Fault = namedtuple("Fault", "at kind victim seconds")


def schedule(seed, duration, kinds, gap=0.3):
    """Faults at random moments, `gap` seconds apart on average."""
    random, faults, at = Random(f"{seed} faults"), [], 0
    while (at := at + random.expovariate(1 / gap)) < duration:
        faults.append(Fault(at, random.choice(kinds), random.randrange(100), random.uniform(0.1, 1.5)))
    return faults


def rounds(seed, duration, kinds, gap=1):
    """Each kind of fault in turn, in a new order each time, so that also a short run has them all."""
    random, faults = Random(f"{seed} faults"), []
    count = max(round(duration / gap / len(kinds)), 1)
    length = duration / count
    for begin in (number * length for number in range(count)):
        times = sorted(begin + random.uniform(0, length) for _ in kinds)
        for at, kind in zip(times, random.sample(kinds, len(kinds))):
            faults.append(Fault(at, kind, random.randrange(100), random.uniform(0.1, 1.5)))
    return faults


class Faults:
    """Does what goes wrong when its time has come. Each kind is a method that is given the fault."""

    kinds = []

    def run(self, faults, duration):
        """Returns when the time is over and everything that lasted a while has ended."""
        self.begin = time.monotonic()
        self.agenda = [(fault.at, partial(getattr(self, fault.kind), fault)) for fault in faults]
        while self.agenda:
            at, action = self.agenda.pop(0)
            self.wait_until(at)
            action()
        self.wait_until(duration)

    def later(self, seconds, action):
        """Does something so many seconds from now."""
        self.agenda.append((time.monotonic() - self.begin + seconds, action))
        self.agenda.sort(key=lambda entry: entry[0])

    def wait_until(self, at):
        time.sleep(max(0, self.begin + at - time.monotonic()))


class WorkerFaults(Faults):
    """What can go wrong with any store: the processes that use it die, or stand still for a while.

    A store adds what can go wrong with its server, as methods of the same shape.
    """

    kinds = ["kill_writer", "kill_follower", "pause_writer", "pause_follower"]

    def __init__(self, writers, followers):
        self.writers, self.followers = writers, followers

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
        self.later(fault.seconds, self.writer(fault).go_on)

    def pause_follower(self, fault):
        self.follower(fault).pause()
        self.later(fault.seconds, self.follower(fault).go_on)
