"""One run of sagas: transfers are started while every part is killed in turn, and the check of what came of it."""

from collections import Counter

import grpc
from cluster.readers import MAY_FAIL
from transfers import TransferRun

from .checker import check
from .clients import OPENED_WITH, Plan, SagaClients
from .logic import TRANSFER
from .readers import OWN, read_truth, read_unfinished


class Run(TransferRun):
    name = "sagas"

    def clients_of(self, deployment):
        self.plan = Plan(self.seed, self.account_count)
        return SagaClients(self.plan, deployment, self.client_count, self.window)

    def unfinished(self, deployment):
        try:
            return read_unfinished(deployment)
        except grpc.RpcError as error:
            if error.code() not in MAY_FAIL:
                raise
            return ["the saga is away"]  # what was killed last has only just come back

    def truth(self, deployment):
        return read_truth(deployment)

    def check(self, truth):
        return check(truth, self.clients.started, dict.fromkeys(self.plan.accounts, OPENED_WITH))

    def summary(self, truth):
        steps = [step for entry in truth.logs[OWN] for step in entry.events]
        ends = Counter(event["reason"] or "completed" for entry in truth.logs[TRANSFER]
                       for event in entry.events if event["what"] != "start")
        triggers = Counter((each.key, each.trigger) for each in truth.reactions)
        late = sorted((each.now - each.due) / 1e6 for each in truth.reactions if each.due)
        return {
            **{f"ended: {how}": count for how, count in sorted(ends.items())},
            "steps": len(steps),
            "timers that fired": sum(step.HasField("timer") for step in steps),
            "half of them later than, ms": round(late[len(late) // 2]) if late else 0,
            "inputs that the logic was given again": sum(count - 1 for count in triggers.values()),
            "answers that did not stand": len(truth.reactions) - len(steps) - self.unheard(truth),
        }

    def unheard(self, truth):
        """How many calls were to lead to nothing: those about events that end a transfer."""
        return sum(each.trigger.startswith("events") and each.trigger.endswith(" 1") for each in truth.reactions)
