"""The processes of a run: one for everything on SQLite, or each role by itself on MongoDB."""

import contextlib
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

from channels.deployment import Part, keep_logs
from cluster.processes import START_SECONDS, Logic, start_all
from cluster.processes import Replica as RoleReplica
from cluster.stores import MongoStore
from listening import free_port
from sidecar import Sidecar

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


class Replica(RoleReplica):
    """One `outrider` process, on ports of its own for as long as the run lasts."""

    def __init__(self, executable, data, name, config, role=None, options=()):
        self.ports = {port: free_port() for port in ([role] if role else PORTS)}
        Sidecar.__init__(
            self, executable, data, role=role, config=config,
            options=[*(f"--port-{port}={number}" for port, number in self.ports.items()), *options])
        self.role, self.name = role or "query-handler", name
        self.life_begins, self.client_channel = 0, None
        self.channels = {}

    def address_of(self, role):
        return f"127.0.0.1:{self.ports[role]}"


class Deployment:
    """Starts everything, and leaves nothing behind."""

    def __init__(self, executable, directory):
        self.executable, self.directory = executable, directory
        self.ending = contextlib.ExitStack()
        self.replicas, self.programs = [], []

    def __enter__(self):
        (self.directory / "reactions").touch()
        with self.ending:
            self.ending.callback(keep_logs, self.replicas, self.directory)
            self.start()
            self.ending = self.ending.pop_all()
        return self

    def __exit__(self, *failure):
        self.ending.close()

    def start_programs(self, *kinds):
        self.programs = [Program(kind, self.directory) for kind in kinds]
        for each in self.programs:
            self.ending.callback(each.end)
        start_all(self.programs)

    def replica(self, data, name, config, *arguments):
        replica = Replica(self.executable, data, name, config, *arguments)
        self.replicas.append(replica)
        self.ending.callback(replica.end)
        return replica

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

    @property
    def parts(self):
        """All that can be killed."""
        processes = [*self.replicas, *self.programs]
        return [Part(each.name.rstrip("-0123456789"), each.kill, each.start) for each in processes]

    def ended_by_itself(self):
        """Sentences about processes that are gone although nobody killed them."""
        return [f"{each.name} ended by itself with {each.process.returncode}"
                for each in [*self.replicas, *self.programs] if each.process.poll() is not None]


class OneProcess(Deployment):
    """`outrider run` on SQLite. It starts the saga's logic itself; that of the domains is there already."""

    name, partitions = "one process, sqlite", 1

    def start(self):
        self.start_programs(ACCOUNT, TRANSFER)
        command = ", ".join(f'"{word}"' for word in program("saga", self.directory))
        config = self.configure("shop", [ACCOUNT, TRANSFER], f"command: [{command}]")
        self.outrider = self.replica(self.directory / "data", "outrider", config)
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


class Apart(Deployment):
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
        return self.replica(self.store.data, name, config, role, [f"--partitions={self.partitions}"])

    @property
    def parts(self):
        return [*super().parts, Part("store", self.store.engine.kill, partial(start_again, self.store.engine))]


def start_again(server):
    """Tries again where another program has its port for the moment."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.start()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
