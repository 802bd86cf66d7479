"""One run: transfers are created while every part is killed in turn, and the check of what came of it."""

from collections import Counter

import grpc
from cluster.readers import MAY_FAIL
from transfers import TransferRun

from .bank import ACCOUNT, CREATED, DEBIT_REFUSED, REFUNDED, TRANSFER
from .checker import check
from .clients import OPENED_WITH, EventuateClients, Plan
from .readers import read_log, read_truth


class Run(TransferRun):
    name = "event handlers of Eventuate's clients"

    def clients_of(self, deployment):
        return EventuateClients(
            Plan(self.seed, self.account_count, self.transfers), deployment, self.client_count, self.window)

    def unfinished(self, deployment):
        """How many events the view was not given yet."""
        if self.clients.ended < len(self.clients.started):
            return ["transfers are under way"]
        try:
            entities = [entries for type in (ACCOUNT, TRANSFER) for entries in read_log(deployment, type).values()]
        except grpc.RpcError as error:
            if error.code() not in MAY_FAIL:
                raise
            return ["the query-handler is away"]  # what was killed last has only just come back
        given = {(delivery.entity, delivery.id) for delivery in self.clients.view.deliveries}
        missing = sum(map(len, entities)) - len(given)
        return [f"the view waits for {missing} events"] if missing else []

    def truth(self, deployment):
        return read_truth(deployment, self.clients)

    def check(self, truth):
        return check(truth, self.clients.started, dict.fromkeys(self.clients.plan.accounts, OPENED_WITH))

    def summary(self, truth):
        types = Counter(event.type for events in truth.found[ACCOUNT].values() for event in events)
        ends = Counter(event.type.rpartition(".")[2] for events in truth.found[TRANSFER].values() for event in events
                       if event.type != CREATED)
        events = sum(len(events) for entities in truth.found.values() for events in entities.values())
        return {
            **{f"ended: {how}": count for how, count in sorted(ends.items())},
            "payers that held too little": types[DEBIT_REFUSED], "payees that were not there": types[REFUNDED],
            "events": events, "messages that came again to the view": len(truth.deliveries) - events,
        }
