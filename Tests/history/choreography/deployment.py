"""The processes of a run: one for everything on SQLite and a gateway beside it, or each role by itself on MongoDB."""

import sys
from pathlib import Path

from cluster.processes import Logic, start_all
from cluster.stores import MongoStore
from deployment import Deployment

from .subscriber import VIEW

PROGRAM = Path(__file__).parents[1] / "eventuate_subscriber.py"
EVENTUATE = ["--eventuate=true"]
GATEWAY = ["gateway", "stomp"]
SUBSCRIBERS = ["transfers", "accounts", VIEW]
#: Of each role, and of each subscriber.
PROCESSES = 2


class Subscriber(Logic):
    """A program of `subscriber.py`."""

    def __init__(self, subscriber, number, directory, gateways):
        super().__init__(subscriber, f"subscriber-{subscriber}-{number}", directory)
        # Each begins with another gateway.
        gateways = gateways[number:] + gateways[:number]
        self.command = [sys.executable, str(PROGRAM), subscriber, str(directory), *gateways]


class ChoreographyDeployment(Deployment):
    """Subscribers, and the sidecars of a subclass, whose `start_sidecars` returns the gateways among them."""

    def start(self):
        self.view = self.directory / VIEW
        self.view.touch()
        gateways = self.start_sidecars()
        self.gateways = [gateway.address_of("gateway") for gateway in gateways]
        places = [f"{gateway.address_of('gateway')},{gateway.address_of('stomp')}" for gateway in gateways]
        start_all([self.program(Subscriber(subscriber, number, self.directory, places))
                   for subscriber in SUBSCRIBERS for number in range(PROCESSES)])

    def gateway(self, number, commands, queries):
        """A gateway apart, which calls these two processes."""
        return self.replica(
            self.directory / "none", f"gateway-{number}", GATEWAY, "gateway", options=[
                *EVENTUATE, f"--command-handler={commands.address_of('command-handler')}",
                f"--query-handler={queries.address_of('query-handler')}"])


class OneProcess(ChoreographyDeployment):
    """`outrider run` on SQLite, gateway and all; and a gateway apart, which calls it."""

    name, partitions = "one process, sqlite", 1

    def start_sidecars(self):
        outrider = self.replica(
            self.directory / "data", "outrider", ["command-handler", "query-handler", *GATEWAY],
            options=[*EVENTUATE, "--projector-enabled=false"])
        gateways = [outrider, self.gateway(0, outrider, outrider)]
        start_all(gateways)
        self.queries = outrider.address_of("query-handler")
        return gateways


class Apart(ChoreographyDeployment):
    """Two command-handlers, two query-handlers and two gateways on MongoDB."""

    name, partitions = "sidecars apart, mongodb", 2

    def start_sidecars(self):
        self.store = MongoStore(self.directory)
        self.ending.enter_context(self.store)
        handlers, queries = (
            [self.replica(self.store.data, f"{role}-{number}", [role], role,
                          options=[f"--partitions={self.partitions}"]) for number in range(PROCESSES)]
            for role in ("command-handler", "query-handler"))
        gateways = [self.gateway(number, *pair) for number, pair in enumerate(zip(handlers, queries))]
        start_all([*handlers, *queries, *gateways])
        self.queries = queries[0].address_of("query-handler")
        return gateways
