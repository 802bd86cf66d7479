"""The commands of docs/operating.md, and a deployment in whose directory they are run."""

import itertools
import os
import re
import signal
import subprocess
import sys
import textwrap

import grpc
from client import Status, commands, counted, eventually, payloads
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from listening import free_port
from outrider.v1 import projections_pb2, projections_pb2_grpc
from sidecar import TOP

PAGE = (TOP / "docs/operating.md").read_text()
PORTS = ["command-handler", "query-handler", "projector", "saga", "gateway"]
PATIENCE = 60  # seconds
TIMEOUT = 20  # of a call
BANK = TOP / "examples/bank/python/bank.py"


def blocks(section):
    """The commands of the section, block by block, each of several lines."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return blocks_of(text)


def blocks_of(text):
    return [textwrap.dedent(block).rstrip() for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)]


def lines():
    """All commands of the page, line by line."""
    return {line for block in blocks_of(PAGE) for line in block.splitlines()}


class Deployment:
    """A directory with `outrider.yaml`, and what runs there."""

    #: Lines that were run in any deployment, as they were given.
    ran = set()

    def __init__(self, executable, directory):
        self.executable, self.directory, self.processes = executable, directory, []
        self.outputs = {}  # by process
        self.numbers = itertools.count()
        self.ports = {role: free_port() for role in PORTS}
        self.functions = ""  # of the shell, besides `outrider`
        self.configure("domain: bank\nprojector: {name: balance}\n")

    def configure(self, text):
        ports = ", ".join(f"{role}: {port}" for role, port in self.ports.items())
        (self.directory / "outrider.yaml").write_text(f"port: {{{ports}}}\n{text}")

    def shell(self, script):
        functions = f'outrider() {{ "{self.executable}" "$@"; }}\n'
        return ["bash", "-ec", functions + self.functions + script]

    def run(self, script, **words):
        """What the commands print. `words` stand for what the page leaves to its reader."""
        done = self.done(script, **words)
        assert done.returncode == 0, script + done.stdout + done.stderr
        return done.stdout + done.stderr

    def done(self, script, **words):
        """The same, however the commands end."""
        self.ran.update(script.splitlines())
        for word, value in words.items():
            script = script.replace(word, value)
        return subprocess.run(
            self.shell(script), cwd=self.directory, capture_output=True, text=True, timeout=PATIENCE)

    def start(self, line, **environment):
        """Runs a command that goes on, in place of its shell. Its process."""
        self.ran.add(line)
        line = line.partition("#")[0].replace("outrider", f'exec "{self.executable}"', 1)
        line = line.replace("python3 bank.py", f'"{sys.executable}" "{BANK}"')
        path = self.directory / f"output-{next(self.numbers)}"
        with open(path, "w") as output:
            process = subprocess.Popen(
                ["bash", "-ec", line], cwd=self.directory, stdout=output, stderr=output, env=os.environ | environment)
        self.processes.append(process)
        self.outputs[process] = path
        return process

    def is_well(self):
        eventually(lambda: "all is well" in self.status(), PATIENCE)

    def status(self):
        return self.done("outrider status").stdout

    def said(self, *processes):
        """What these have printed; without any, everything that was started."""
        return "".join(self.outputs[process].read_text() for process in processes or self.outputs)

    def stop(self, *processes):
        """As an orchestrator does it: these; without any, everything that runs."""
        ending = processes or tuple(self.processes)
        for process in ending:
            process.send_signal(signal.SIGTERM)
        for process in ending:
            self.ended(process)

    def ended(self, process):
        """Waits until a process has ended that was asked to."""
        assert process.wait(PATIENCE) == 0, self.said(process)
        self.processes.remove(process)

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def stub(self, kind, role):
        return kind(grpc.insecure_channel(f"127.0.0.1:{self.ports[role]}"))

    def handle(self, root, payload=b"x"):
        stub = self.stub(services.BusinessCoordinatorStub, "command-handler")
        return stub.Handle(commands(root, payload), timeout=TIMEOUT)

    def events(self, root):
        stub = self.stub(services.EventQueryStub, "query-handler")
        query = evented.Query(domain="bank", root=evented.UUID(value=root))
        return payloads(page for book in stub.GetEvents(query, timeout=TIMEOUT) for page in book.pages)

    def projection(self, root):
        """What the projector counts; 0 where it has nothing yet."""
        request = projections_pb2.GetProjectionRequest(
            projector="balance", domain="bank", root=evented.UUID(value=root))
        try:
            return counted(self.stub(projections_pb2_grpc.ProjectionsStub, "query-handler").Get(
                request, timeout=TIMEOUT).projection)
        except grpc.RpcError as error:
            assert error.code() == Status.NOT_FOUND
            return 0
