"""The processes of a run: one for everything on SQLite, or each role by itself on MongoDB."""

import contextlib
import os
import signal
import sys
from pathlib import Path

from cluster.processes import Logic, start_all
from cluster.stores import MongoStore
from deployment import Deployment, Part

from .logic import ACCOUNT, SAGA, TRANSFER

PROGRAM = Path(__file__).parents[1] / "saga_logic.py"
PORTS = ["command-handler", "query-handler", "saga"]


class Program(Logic):
    """A program of `logic.py`."""

    def __init__(self, kind, directory):
        super().__init__(kind, f"logic-{kind}", directory)
        self.command = program(kind, directory, self.address)


def program(kind, directory, *address):
    return [sys.executable, str(PROGRAM), kind, str(directory), *address]


class SagaDeployment(Deployment):
    def __enter__(self):
        (self.directory / "reactions").touch()
        return super().__enter__()

    def start_programs(self, *kinds):
        start_all([self.program(Program(kind, self.directory)) for kind in kinds])

    def configure(self, name, domains=(), saga=None, routes=None):
        """Writes a configuration file. `domains` are names; what serves the `saga` is a line of YAML."""
        lines = ["domains:"] * bool(domains)
        for domain in domains:
            address = f"unix:{self.directory}/logic-{domain}.socket"
            lines += [f"  - name: {domain}", "    logic:", f"      address: {address}"]
        if saga:
            lines += ["sagas:", f"  - name: {SAGA}", f"    domains: [{TRANSFER}]", "    command-deadline: 5s",
                      "    deadline: 5s", "    logic:", f"      {saga}"]
        if routes:
            lines += ["routes:"]
            for domain, address in routes.items():
                lines += [f"  - domain: {domain}", f"    address: {address}"]
        path = self.directory / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path


class OneProcess(SagaDeployment):
    """`outrider run` on SQLite. It starts the saga's logic itself; that of the domains is there already."""

    name, partitions = "one process, sqlite", 1

    def start(self):
        self.start_programs(ACCOUNT, TRANSFER)
        command = ", ".join(f'"{word}"' for word in program("saga", self.directory))
        config = self.configure("shop", [ACCOUNT, TRANSFER], f"command: [{command}]")
        self.outrider = self.replica(self.directory / "data", "outrider", PORTS, config=config)
        self.outrider.start()
        self.handlers = {domain: self.outrider.address_of("command-handler") for domain in (ACCOUNT, TRANSFER)}
        self.queries, self.sagas = self.outrider.address_of("query-handler"), [self.outrider.address_of("saga")]

    @property
    def parts(self):
        return [*super().parts, Part("logic-saga", self.kill_saga_logic, lambda: None)]

    def kill_saga_logic(self):
        """Outrider starts it again."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self.directory / "saga.pid").read_text()), signal.SIGKILL)


class Apart(SagaDeployment):
    """Each role by itself on MongoDB: a command-handler for each domain, two sagas, a query-handler."""

    name, partitions = "sidecars apart, mongodb", 2

    def start(self):
        self.store = MongoStore(self.directory)
        self.ending.enter_context(self.store)
        self.start_programs(ACCOUNT, TRANSFER, "saga")
        handlers = {domain: self.planned(f"command-handler-{domain}", "command-handler", [domain])
                    for domain in (ACCOUNT, TRANSFER)}
        self.handlers = {domain: handler.address_of("command-handler") for domain, handler in handlers.items()}
        everything = [ACCOUNT, TRANSFER], f"address: unix:{self.directory}/logic-saga.socket", self.handlers
        self.queries = self.planned("query-handler", "query-handler", *everything).address_of("query-handler")
        sagas = [self.planned(f"saga-{number}", "saga", *everything) for number in range(2)]
        self.sagas = [saga.address_of("saga") for saga in sagas]
        start_all(self.replicas)

    def planned(self, name, role, domains, *rest):
        """A replica of one role, which is not started yet."""
        config = self.configure(name, domains, *rest)
        return self.replica(
            self.store.data, name, [role], role, config, [f"--partitions={self.partitions}"])
