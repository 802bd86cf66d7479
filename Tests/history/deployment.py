"""The processes of a run: how they are started, killed and started again, and ended."""

import contextlib
import time
from collections import namedtuple

from cluster.processes import START_SECONDS
from cluster.processes import Replica as RoleReplica
from listening import free_port
from sidecar import Sidecar

#: Something that is killed and started again. Parts of one kind do the same.
Part = namedtuple("Part", "kind kill start")


class Replica(RoleReplica):
    """One `outrider` process, on ports of its own for as long as the run lasts."""

    def __init__(self, executable, data, name, ports, role=None, config=None, options=()):
        self.ports = {port: free_port() for port in ports}
        Sidecar.__init__(
            self, executable, data, role=role, config=config, domain=None,
            options=[*(port_option(port, number) for port, number in self.ports.items()), *options])
        self.role, self.name = role or "query-handler", name
        self.life_begins, self.client_channel = 0, None

    def address_of(self, port):
        return f"127.0.0.1:{self.ports[port]}"


def port_option(port, number):
    return f"--eventuate-stomp-port={number}" if port == "stomp" else f"--port-{port}={number}"


class Deployment:
    """Starts everything, and leaves nothing behind. A subclass says with `start` what that is.

    `replicas` are processes of `outrider`, `programs` all others, and `store` an engine where there is one.
    """

    def __init__(self, executable, directory):
        self.executable, self.directory = executable, directory
        self.ending = contextlib.ExitStack()
        self.replicas, self.programs, self.store = [], [], None

    def __enter__(self):
        with self.ending:
            self.ending.callback(keep_logs, self.replicas, self.directory)
            self.start()
            self.ending = self.ending.pop_all()
        return self

    def __exit__(self, *failure):
        self.ending.close()

    def replica(self, *arguments, **settings):
        replica = Replica(self.executable, *arguments, **settings)
        self.replicas.append(replica)
        self.ending.callback(replica.end)
        return replica

    def program(self, program):
        self.programs.append(program)
        self.ending.callback(program.end)
        return program

    @property
    def parts(self):
        """All that can be killed."""
        parts = [Part(kind_of(each.name), each.kill, each.start) for each in [*self.replicas, *self.programs]]
        if self.store:
            parts.append(Part("store", self.store.engine.kill, lambda: start_again(self.store.engine)))
        return parts

    def ended_by_itself(self):
        """Sentences about processes that are gone although nobody killed them."""
        return [f"{each.name} ended by itself with {each.process.returncode}"
                for each in [*self.replicas, *self.programs] if each.process.poll() is not None]


def kind_of(name):
    """What processes that do the same have in common: their names without the number."""
    return name.rstrip("-0123456789")


def start_again(server):
    """Tries again where another program has its port for the moment."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.start()
        except AssertionError:
            if time.monotonic() > deadline:
                raise


def keep_logs(replicas, directory):
    for replica in replicas:
        (directory / f"{replica.name}.log").write_text(replica.text)
