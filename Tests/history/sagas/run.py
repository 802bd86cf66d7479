"""One run: transfers are started while every part is killed in turn, and the check of what came of it."""

import time
from collections import Counter
from random import Random

import grpc
from channels.kills import Kills
from cluster.readers import MAY_FAIL
from run import Failed

from .checker import check
from .clients import OPENED_WITH, Clients, Plan
from .logic import TRANSFER
from .readers import OWN, read_truth, read_unfinished

#: By when a transfer must end, once nothing is killed any more.
PATIENCE = 60
INTERVAL = 10  # seconds, between two lines that tell how far everybody is


class Run:
    """`transfers` end at least, and `between` of them between two kills. Every part is killed once at least."""

    def __init__(self, seed, transfers, between, accounts=40, clients=8, window=64, say=print):
        self.seed, self.transfers, self.between, self.tell = seed, transfers, between, say
        self.random = Random(f"{seed} kills")
        self.plan = Plan(seed, accounts)
        self.client_count, self.window = clients, window
        self.began = self.told = time.monotonic()

    def on(self, deployment):
        """Returns how often each thing happened. Raises `Failed` where a promise was broken."""
        with deployment:
            self.clients = Clients(self.plan, deployment, self.client_count, self.window)
            self.clients.open_accounts()
            self.say(f"everything runs: {deployment.name}, seed {self.seed}")
            self.began = time.monotonic()
            self.kill_under_load(deployment)
            found = deployment.ended_by_itself()
            self.say("the clients are done")
            found += self.wait_for_ends(deployment)
            truth = read_truth(deployment)
            opened = dict.fromkeys(self.plan.accounts, OPENED_WITH)
            found += [*deployment.ended_by_itself(), *self.clients.complaints,
                      *check(truth, self.clients.started, opened)]
        happened = self.summary(truth)
        for what, count in happened.items():
            self.tell(f"  {what:<46}{count:>10}")
        if found:
            raise Failed("\n  ".join([
                f"sagas, {deployment.name}, seed {self.seed}, logs in {deployment.directory}:", *found[:20]]))
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
        """Until every transfer has ended, and no instance waits for anything. Returns sentences about those that do
        not come any further."""
        last, moved = None, time.monotonic()
        while True:
            try:
                waiting = read_unfinished(deployment)
            except grpc.RpcError as error:
                if error.code() not in MAY_FAIL:
                    raise
                waiting = ["the saga is away"]  # what was killed last has only just come back
            missing = len(self.clients.started) - self.ended()
            if not missing and not waiting:
                return []
            if (missing, waiting) != last:
                last, moved = (missing, waiting), time.monotonic()
            if time.monotonic() > moved + PATIENCE:
                return [f"{missing} transfers do not end"]
            time.sleep(0.1)

    def summary(self, truth):
        steps = [step for entry in truth.logs[OWN] for step in entry.events]
        ends = Counter(event["reason"] or "completed" for entry in truth.logs[TRANSFER]
                       for event in entry.events if event["what"] != "start")
        seconds = time.monotonic() - self.began
        triggers = Counter((each.key, each.trigger) for each in truth.reactions)
        late = sorted((each.now - each.due) / 1e6 for each in truth.reactions if each.due)
        return {
            "transfers": len(self.clients.started), "seconds": round(seconds),
            "transfers a second": round(len(self.clients.started) / seconds),
            **{f"ended: {how}": count for how, count in sorted(ends.items())},
            "steps": len(steps),
            "timers that fired": sum(step.HasField("timer") for step in steps),
            "half of them later than, ms": round(late[len(late) // 2]) if late else 0,
            "inputs that the logic was given again": sum(count - 1 for count in triggers.values()),
            "answers that did not stand": len(truth.reactions) - len(steps) - self.unheard(truth),
            **{f"{kind} killed": count for kind, count in sorted(self.kills.counts.items())},
        }

    def unheard(self, truth):
        """How many calls were to lead to nothing: those about events that end a transfer."""
        return sum(each.trigger.startswith("events") and each.trigger.endswith(" 1") for each in truth.reactions)

    def say(self, line):
        self.tell(f"{time.monotonic() - self.began:7.1f} s  {line}")
