"""The parts of the bank, each a process of its own. All end with the `with` that started them."""

import json
import os
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from auditor import EXCHANGE, Auditor
from brokers import RabbitMQ
from listening import free_address, free_port, wait_until_listening
from sidecar import BANK, Sidecar
from stores import new_store

#: All that a client does about a replica's death: gRPC calls the next one. A command's id makes that safe.
CALL_THE_NEXT = ("grpc.service_config", json.dumps({
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [{"name": [{}], "retryPolicy": {
        "maxAttempts": 5, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"]}}],
}))
CONNECT_SOON = ("grpc.max_reconnect_backoff_ms", 500)  # those that were killed come back within seconds


class Parts:
    """Sidecars, logic and auditor, beside a MongoDB and a RabbitMQ that run already."""

    def __init__(self, executable):
        self.executable = executable
        self.stack = ExitStack()

    def __enter__(self):
        with self.stack:
            self.start()
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *failure):
        if failure[0] not in (None, KeyboardInterrupt):
            self.keep_logs()
        return self.stack.__exit__(*failure)

    def start(self):
        enter = self.stack.enter_context
        self.broker = own_broker()
        self.store = enter(new_store("mongodb"))
        projections = enter(tempfile.TemporaryDirectory(prefix="outrider-demo-"))
        events = f"--channel={self.broker.uris[0]}?exchange={EXCHANGE}"
        self.auditor = enter(Auditor(self.broker.uris[0]))
        self.logic, self.projector_logic = enter(bank())

        self.handlers = [
            self.sidecar("command-handler", self.store, self.logic, events) for _ in range(2)]
        self.queries = self.sidecar("query-handler", self.store)
        self.projector = self.sidecar(
            "projector", projections, self.projector_logic, events, "--source=rabbitmq",
            f"--query-handler={self.queries.addresses['query-handler']}")

    def sidecar(self, role, data, address=None, *options):
        """On a port that it keeps when it is started again, so that others find it."""
        options = [*options, f"--port-{role}={free_port()}"]
        return self.stack.enter_context(Sidecar(self.executable, data, address=address, role=role, options=options))

    def keep_logs(self):
        directory = Path(tempfile.mkdtemp(prefix="outrider-demo-logs-"))
        sidecars = {"command-handler-1": self.handlers[0], "command-handler-2": self.handlers[1],
                    "query-handler": self.queries, "projector": self.projector}
        for name, sidecar in sidecars.items():
            (directory / name).write_text(sidecar.text)
        print(f"\nWhat the sidecars logged is in {directory}")

    def channels(self):
        """To commands, on both command-handlers in turn; to queries; and to projections."""
        return channel(self.handlers, CALL_THE_NEXT), channel([self.queries]), channel([self.projector])


def channel(replicas, *options):
    addresses = [address for each in replicas for address in each.addresses.values()]
    return grpc.insecure_channel(f"ipv4:{','.join(addresses)}", [CONNECT_SOON, *options])


def own_broker():
    """The one that broker.sh started around this process, to be killed and started again."""
    directory = os.environ.get("OUTRIDER_TEST_RABBITMQ_DIRECTORY")
    if not directory:
        raise SystemExit(
            "FAILED: there is no RabbitMQ that may be killed. Run this under devops/rabbitmq/broker.sh with, "
            "and leave OUTRIDER_TEST_RABBITMQ_URI unset")
    broker = RabbitMQ(directory)
    broker.uris = [os.environ["OUTRIDER_TEST_RABBITMQ_URI"]]
    return broker


@contextmanager
def bank():
    """The example's logic. Where its command logic listens, and where its projector does."""
    logic, projector = free_address(), free_address()
    environment = os.environ | {"OUTRIDER_LOGIC_ADDRESS": logic, "OUTRIDER_PROJECTOR_ADDRESS": projector}
    process = subprocess.Popen(BANK, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        for address in (logic, projector):
            wait_until_listening(process, int(address.rpartition(":")[2]))
        yield logic, projector
    finally:
        process.kill()
        process.wait()
