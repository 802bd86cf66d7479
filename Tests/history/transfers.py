"""Transfers of money while every part is killed in turn: what runs have in common, whatever moves the money."""

import itertools
import threading
import time
from random import Random

from channels.kills import Kills
from run import Failed

#: By when a transfer must end, once nothing is killed any more.
PATIENCE = 60
INTERVAL = 10  # seconds, between two lines that tell how far everybody is


class Clients:
    """So many threads that start one transfer after the other; at most `window` of these have not ended.

    `begin` starts a transfer of the plan, and returns once that is certain.
    """

    def __init__(self, plan, count, window):
        self.plan, self.window = plan, window
        self.numbers, self.started, self.complaints = itertools.count(), {}, []
        self.change = threading.Condition()
        self.ended = 0
        self.is_over = False
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Returns when no transfer is being started any more."""
        with self.change:
            self.is_over = True
            self.change.notify_all()
        for thread in self.threads:
            thread.join()

    def note_ends(self, count):
        with self.change:
            self.ended += count
            self.change.notify_all()

    def work(self):
        while True:
            with self.change:
                self.change.wait_for(lambda: self.is_over or len(self.started) - self.ended < self.window)
                if self.is_over:
                    return
                transfer = self.plan.transfer(next(self.numbers))
                self.started[transfer.key] = transfer
            self.begin(transfer)


class TransferRun:
    """`transfers` end at least, and `between` of them between two kills. Every part is killed once at least.

    A subclass says who moves the money, with a `name`: `clients_of` a deployment, what is `unfinished` there, the
    `truth` in the end, what is wrong with it (`check`), and what happened (`summary`).
    """

    def __init__(self, seed, transfers, between, accounts=40, clients=8, window=64, say=print):
        self.seed, self.transfers, self.between, self.tell = seed, transfers, between, say
        self.random = Random(f"{seed} kills")
        self.account_count, self.client_count, self.window = accounts, clients, window
        self.began = self.told = time.monotonic()

    def on(self, deployment):
        """Returns how often each thing happened. Raises `Failed` where a promise was broken."""
        with deployment:
            self.clients = self.clients_of(deployment)
            self.clients.open_accounts()
            self.say(f"everything runs: {deployment.name}, seed {self.seed}")
            self.began = time.monotonic()
            self.kill_under_load(deployment)
            found = deployment.ended_by_itself()
            self.say("the clients are done")
            found += self.wait_for_ends(deployment)
            self.seconds = time.monotonic() - self.began
            truth = self.truth(deployment)
            found += [*deployment.ended_by_itself(), *self.clients.complaints, *self.check(truth)]
        happened = {
            "transfers": len(self.clients.started), "seconds": round(self.seconds),
            "transfers a second": round(len(self.clients.started) / self.seconds),
            **self.summary(truth),
            **{f"{kind} killed": count for kind, count in sorted(self.kills.counts.items())},
        }
        for what, count in happened.items():
            self.tell(f"  {what:<46}{count:>10}")
        if found:
            raise Failed("\n  ".join([
                f"{self.name}, {deployment.name}, seed {self.seed}, logs in {deployment.directory}:", *found[:20]]))
        return happened

    def kill_under_load(self, deployment):
        self.kills = Kills(deployment.parts, self.ended, self.between, self.say)
        self.clients.start()
        try:
            for _ in self.kills.in_turn(self.random):
                if self.kills.counts.total() >= len(self.kills.parts) and self.ended() >= self.transfers:
                    return
        finally:
            self.clients.stop()

    def ended(self):
        """How many transfers have; says now and then how far everybody is."""
        if time.monotonic() > self.told + INTERVAL:
            self.told = time.monotonic()
            self.say(f"{self.clients.ended} of {len(self.clients.started)} transfers have ended, "
                     f"{self.kills.counts.total()} kills")
        return self.clients.ended

    def wait_for_ends(self, deployment):
        """Until every transfer has ended, and nothing waits. Returns sentences about those that do not come any
        further."""
        last, moved = None, time.monotonic()
        while True:
            waiting = self.unfinished(deployment)
            missing = len(self.clients.started) - self.ended()
            if not missing and not waiting:
                return []
            if (missing, waiting) != last:
                last, moved = (missing, waiting), time.monotonic()
            if time.monotonic() > moved + PATIENCE:
                return [f"{missing} transfers do not end"]
            time.sleep(0.1)

    def say(self, line):
        self.tell(f"{time.monotonic() - self.began:7.1f} s  {line}")
