"""Starts, kills and stops `outrider`, for the demonstration, the tests and the benchmarks."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
from listening import free_address

TOP = Path(__file__).resolve().parents[3]
BANK = [sys.executable, str(TOP / "examples/bank/python/bank.py")]
DOMAIN = "bank"
PROJECTOR = "balance"

LISTENING = re.compile(r"(command-handler|query-handler|projector|saga|relay|gateway|stomp) (?:listens on)? *((?:\d+\.){3}\d+:\d+)")
METRICS = re.compile(r"\b(metrics) .*?\b((?:\d+\.){3}\d+:\d+)")
FREE_PORTS = [
    "--port-command-handler=0", "--port-query-handler=0", "--port-projector=0", "--port-saga=0",
    "--port-relay=0", "--port-gateway=0", "--eventuate-stomp-port=0"]


def store(data):
    """What `--store` says: `data` is a directory, or a database's URI."""
    return data if str(data).startswith("mongodb") else f"sqlite:{data}"


def is_locked(path):
    """Whether a process holds the lock, or has just held it, at which a store's writers take turns."""
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class DidNotStart(Exception):
    """With all that the process printed."""


class Sidecar:
    """`outrider run` for one domain, or one role of it, on free ports; without a domain, for every
    one. `data` is a directory, or a MongoDB URI.

    `config` is a configuration file, or the URI of a key, that says what else there is, in place of the
    domain and its logic.
    `logic` is the command that it starts beside itself, on ports of its choice. Without one, the logic
    is expected to run already, at `address`, and the projector's at `projector`, or there, too.
    """

    def __init__(self, executable, data, logic=None, address=None, domain=DOMAIN, options=(),
                 wrapper=(), role=None, config=None, projector=None):
        command = [
            *wrapper, str(executable), role or "run", f"--store={store(data)}", *FREE_PORTS]
        if config:
            command.append(f"--config={config}")
        else:
            command += self._of_one_domain(domain, logic, address, projector)
        command += options
        self.command = command + (["--", *logic] if logic else [])
        self.roles = {role} if role else {"command-handler", "query-handler", "projector", "gateway"}
        if "--projector-enabled=false" in options:
            self.roles.remove("projector")
        if config and not role and Path(config).exists() and "\nsagas:" in Path(config).read_text():
            self.roles.add("saga")
        if any(option.startswith("--metrics-listen") for option in options):
            self.roles.add("metrics")
        if "--eventuate=true" in options:
            self.roles.add("stomp")
        self.data = data
        self.process = None
        self.output = []
        self.addresses = {}
        self.start_seconds = None

    @staticmethod
    def _of_one_domain(domain, logic, address, projector):
        options = [f"--projector-name={PROJECTOR}"]
        if domain:
            options.append(f"--domain={domain}")
        if address and "://" not in address:
            projector = projector or address
        if address or not logic:
            options += [f"--logic-address={address or free_address()}",
                        f"--projector-address={projector or free_address()}"]
        return options

    def start(self, timeout=30):
        """Returns when all roles listen."""
        began = time.monotonic()
        self.addresses = {}
        listening = threading.Event()
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True)
        self.reader = threading.Thread(target=self._read, args=(listening,), daemon=True)
        self.reader.start()
        listening.wait(timeout)
        self.start_seconds = time.monotonic() - began
        if not self.roles <= self.addresses.keys():
            self.kill()
            raise DidNotStart(self.text)
        return self

    def _read(self, listening):
        for line in self.process.stdout:
            self.output.append(line)
            if found := METRICS.search(line) or LISTENING.search(line):
                self.addresses.setdefault(*found.groups())
            if self.roles <= self.addresses.keys():
                listening.set()
        listening.set()

    @property
    def called(self):
        """Where gRPC is spoken, by role."""
        return {role: address for role, address in self.addresses.items() if role not in ("metrics", "gateway", "stomp")}

    @property
    def text(self):
        """What it has printed so far."""
        return "".join(self.output)

    def programs(self):
        """The programs that it has started, by name, in Python or compiled: their process ids."""
        return dict(self.processes())

    def processes(self):
        """The same, as pairs: several may have one name."""
        found = []
        for directory in Path("/proc").iterdir():
            if not directory.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                parent = (directory / "stat").read_text().rpartition(")")[2].split()[1]
                program = (directory / "cmdline").read_text().split("\0")
                # Beside each is a guard, a shell, which ends it with Outrider.
                if int(parent) == self.process.pid and program[:2] != ["/bin/sh", "-c"]:
                    scripts = [word for word in program if word.endswith(".py")]
                    found += [(Path(word).stem, int(directory.name)) for word in scripts or program[:1]]
        return found

    def channel(self, role):
        return grpc.insecure_channel(self.addresses[role])

    def kill(self):
        """As the kernel does it when memory runs out: at once, without a warning."""
        self.process.kill()
        self.process.wait()

    def pause(self):
        """Takes all processor time from it, at a moment when it does not keep others from writing."""
        while True:
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)
            if not any(map(is_locked, Path(self.data).glob("*.lock"))):
                return
            self.go_on()
            time.sleep(0.01)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout=20):
        """As an orchestrator does it. Returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *failure):
        """Leaves nothing behind, whatever happened."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
