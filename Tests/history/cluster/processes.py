"""The processes of a run: several replicas of each role on one store, each with logic of its own beside it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from sidecar import DidNotStart, Sidecar

DOMAIN = "ledger"
PROJECTOR = "tally"
REPLICAS = 2
#: How long the right to be the one active consumer outlasts its last renewal.
LEASE_SECONDS = 5
#: What projectors log.
ACTIVE = "subscription is active"
LEASE_LOST = "the lease went to another process"
STORE_FAILED = "the store failed"
#: By when a process that was started must serve.
START_SECONDS = 30


class Logic:
    """A program of `logic.py`. It comes back at the same address, as a program beside its sidecar does."""

    def __init__(self, kind, name, directory, *rest):
        self.name = name
        self.address = f"unix:{directory / name}.socket"
        self.command = [sys.executable, str(Path(__file__).with_name("logic.py")), kind, self.address, *rest]
        self.output = open(directory / f"{name}.log", "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=self.output, stderr=self.output, stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        if self.process:
            self.kill()
        self.output.close()


class Replica(Sidecar):
    """One `outrider` process of one role. It comes back at its old port, as a service's address stays."""

    def __init__(self, executable, store, role, name, logic, options=()):
        super().__init__(
            executable, store.data, role=role, domain=DOMAIN, address=logic.address,
            options=[f"--projector-name={PROJECTOR}", f"--partitions={store.partitions}", *options])
        self.role, self.name = role, name
        self.life_begins = 0  # in the output
        self.client_channel = None

    @property
    def address(self):
        return self.addresses[self.role]

    def start(self):
        """Tries again where another program has its port for the moment."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.life_begins = len(self.output)
            try:
                super().start(START_SECONDS)
                break
            except DidNotStart:
                if time.monotonic() > deadline:
                    raise
        option = f"--port-{self.role}={self.address.rpartition(':')[2]}"
        if option not in self.command:
            self.command.append(option)
        if not self.client_channel:
            # Clients find a process that has come back soon: a run is short.
            self.client_channel = grpc.insecure_channel(
                self.address, options=[("grpc.max_reconnect_backoff_ms", 200)])
        return self

    def channel(self):
        return self.client_channel

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def times_said(self, words):
        """How often its log has said that, in all its lives."""
        return sum(words in line for line in list(self.output))

    @property
    def active_since(self):
        """When it became the active consumer, as text that can be compared; None where it is not."""
        since = None
        for line in self.output[self.life_begins:]:
            if ACTIVE in line:
                since = line.split('"time":"')[1].split('"')[0]
            elif LEASE_LOST in line or STORE_FAILED in line:
                since = None
        return since

    def end(self):
        if self.process:
            self.__exit__()


def start_all(processes):
    """Returns when all of them serve."""
    with ThreadPoolExecutor(len(processes)) as pool:
        list(pool.map(lambda process: process.start(), processes))


class Cluster:
    """Starts everything on a store, and leaves nothing behind."""

    def __init__(self, executable, store, directory):
        self.directory = directory
        self.record = directory / "deliveries"
        self.record.touch()
        numbers = range(REPLICAS)
        self.logics = [Logic("business", f"logic-{n}", directory) for n in numbers]
        self.projector_logics = [
            Logic("projector", f"projector-logic-{n}", directory, f"projector-logic-{n}", str(self.record))
            for n in numbers]
        self.query_handlers = [
            Replica(executable, store, "query-handler", f"query-handler-{n}", self.logics[n]) for n in numbers]
        self.projectors = [
            Replica(executable, store, "projector", f"projector-{n}", self.projector_logics[n])
            for n in numbers]
        self.command_handlers = []
        self.new_command_handler = lambda n: Replica(
            executable, store, "command-handler", f"command-handler-{n}", self.logics[n],
            ["--projector-synchronous=true", f"--projector-coordinator={self.projectors[n].address}"])

    @property
    def sidecars(self):
        return [*self.query_handlers, *self.projectors, *self.command_handlers]

    @property
    def processes(self):
        return [*self.logics, *self.projector_logics, *self.sidecars]

    def __enter__(self):
        try:
            start_all(self.processes)
            # These call the projectors, whose addresses are known by now.
            self.command_handlers += [self.new_command_handler(n) for n in range(REPLICAS)]
            start_all(self.command_handlers)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *failure):
        self.end()

    def end(self):
        with contextlib.ExitStack() as ending:
            for process in self.processes:
                ending.callback(process.end)
        for sidecar in self.sidecars:
            (self.directory / f"{sidecar.name}.log").write_text(sidecar.text)

    def ended_by_itself(self):
        """Sentences about processes that are gone although nobody killed them."""
        return [f"{process.name} ended by itself with {process.process.returncode}"
                for process in self.processes if process.process.poll() is not None]

    def active_projector(self):
        """The replica that became the active consumer last, as far as their logs tell; None where none is."""
        return max((each for each in self.projectors if each.active_since),
                   key=lambda projector: projector.active_since, default=None)

    def takeover_from(self, victim):
        """A question: has another replica become the active consumer since?"""
        others = [projector for projector in self.projectors if projector is not victim]

        def count():
            return sum(projector.times_said(ACTIVE) for projector in others)

        before = count()
        return lambda: count() > before
