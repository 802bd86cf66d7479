"""The commands of docs/operating.md are run as they stand there, by a shell in the directory of a deployment."""

import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import uuid

import grpc
import pytest
from apart import queue
from brokers import Consul, Kafka
from certificates import issue, sign_itself
from client import Status, commands, eventually, facts, new_root
from confluent_kafka import Producer
from engine import Engine
from evented import evented_pb2_grpc as services
from grpc_health.v1 import health_pb2, health_pb2_grpc
from listening import free_address
from logic import Logic, count
from operating import BANK, PAGE, PATIENCE, TIMEOUT, Deployment, blocks, lines
from outrider.v1 import saga_pb2
from rolling import RECONNECT, Worker
from sidecar import store
from tokens import key_set, token

#: What the page names and no test runs, and why. All that it says of Kubernetes is on a page of its own.
NOT_RUN = {
    "mongodump --oplog": "neither Debian nor PyPI has it, and the engine of devops/mongodb keeps no oplog",
    "outrider trace": "of what an older version has stored, which wants one; test_trace.py runs the command"}
LEASE, MARGIN = 5, 10  # seconds: of a projector, as the page says; for a machine that others use
BETWEEN = 20  # commands, from one restart to the next


@pytest.fixture
def deployment(executable, tmp_path):
    deployment = Deployment(executable, tmp_path)
    yield deployment
    deployment.kill()


@pytest.fixture
def logic():
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def counting(deployment, logic):
    """A deployment in one process, whose logic is the test's."""
    deployment.configure(
        f"domain: bank\nlogic: {{address: {logic.address}}}\n"
        f"projector: {{name: balance, address: {logic.address}, tries: 1, retry-time: 1s}}\n")
    deployment.start("outrider run")
    deployment.is_well()
    return deployment


def test_deploy_in_one_process(deployment):
    (one, _, _) = blocks("Deploy")
    deployment.start(one)
    deployment.is_well()
    deployment.stop()


def test_deploy_each_role_by_itself_in_any_order(deployment):
    (_, apart, _) = blocks("Deploy")
    address = free_address()
    deployment.configure(
        f"domain: bank\nlogic: {{address: '{address}'}}\nprojector: {{name: balance, address: '{address}'}}\n")
    logic = subprocess.Popen([sys.executable, BANK], env=os.environ | {"OUTRIDER_LOGIC_ADDRESS": address})
    try:
        for line in reversed(apart.splitlines()):
            deployment.start(line)
        deployment.is_well()
        deployment.stop()
    finally:
        logic.kill()
        logic.wait()


def test_deploy_what_was_checked(deployment):
    (_, _, check) = blocks("Deploy")
    deployment.run(check)
    deployment.run("outrider config check example.yaml")
    (deployment.directory / "outrider.yaml").write_text("domain: bank\nstoer: memory\n")
    wrong = deployment.done(check)
    assert wrong.returncode != 0 and "stoer" in wrong.stderr


def test_watch(counting):
    (watch,) = blocks("Watch")
    status, again = watch.splitlines()
    assert "all is well" in counting.run(status)
    watching = counting.start(again)
    eventually(lambda: counting.said(watching).count("all is well") > 1, PATIENCE)
    watching.kill()
    watching.wait()
    counting.processes.remove(watching)
    counting.stop()
    assert counting.done(status).returncode == 69


def test_change_settings(deployment, tmp_path):
    (change,) = blocks("Change settings")
    consul = Consul(tmp_path / "consul").start()
    try:
        consul.put("outrider/bank", (tmp_path / "outrider.yaml").read_text())
        deployment.functions = f'consul() {{ "{consul.script}" kv "{tmp_path}/consul" "${{@:2}}"; }}\n'
        deployment.start(f"outrider query-handler --config {consul.config('outrider/bank')}")
        eventually(lambda: "listens on" in deployment.said(), PATIENCE)
        deployment.configure("domain: bank\nprojector: {name: balance}\nlog: {level: debug}\ncommand: {deadline: 9s}\n")
        deployment.run(change, **{"consul://127.0.0.1": f"consul://{consul.uris[0]}"})
        eventually(lambda: "log.level" in deployment.said() and "command.deadline" in deployment.said(), PATIENCE)
        deployment.stop()
    finally:
        consul.kill()


@pytest.fixture
def scaled(deployment, logic, shared_store):
    """Roles apart on a store that they can share, each by itself; its projectors are the test's."""
    deployment.configure(
        f"domain: bank\nstore: '{store(shared_store)}'\nlogic: {{address: {logic.address}}}\n"
        f"projector: {{name: balance, address: {logic.address}}}\n")
    for role in "command-handler", "query-handler":
        deployment.start(f"outrider {role} --config outrider.yaml")
    eventually(lambda: deployment.said().count("listens on") == 2, PATIENCE)
    return deployment


def is_active(deployment, process):
    return lambda: "subscription is active" in deployment.said(process)


def stands_by(deployment, process):
    return lambda: "stands by" in deployment.said(process)


def test_scale(scaled, tmp_path):
    (scale,) = blocks("Scale")
    first, second = scale.splitlines()
    root = new_root()

    def counts(number):
        scaled.handle(root)
        eventually(lambda: scaled.projection(root) == number, PATIENCE)

    scaled.handle(root)
    active = scaled.start(first)
    eventually(is_active(scaled, active), PATIENCE)
    other = scaled.start(second)
    eventually(stands_by(scaled, other), PATIENCE)
    scaled.stop(active)
    eventually(is_active(scaled, other), PATIENCE)
    counts(2)
    # As on another machine: there it sees no sign that the process is dead, and waits for the lease.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    active = scaled.start(first, TMPDIR=str(elsewhere))
    eventually(stands_by(scaled, active), PATIENCE)
    other.kill()
    killed = time.monotonic()
    eventually(is_active(scaled, active), PATIENCE)
    assert time.monotonic() - killed < LEASE + MARGIN
    scaled.processes.remove(other)
    counts(3)


class Customer(Worker):
    """Sends commands to one aggregate, each until it is acknowledged."""

    def __init__(self, deployment, over):
        super().__init__(over, 0.01)
        address = f"127.0.0.1:{deployment.ports['command-handler']}"
        self.stub = services.BusinessCoordinatorStub(grpc.insecure_channel(address, options=RECONNECT))
        self.root, self.acknowledged = new_root(), []

    def work(self):
        payload = b"%d" % len(self.acknowledged)
        book = commands(self.root, payload, command_id=f"{self.root.hex()}-{len(self.acknowledged)}")
        eventually(lambda: self.is_handled(book), PATIENCE)
        self.acknowledged.append(payload)

    def is_handled(self, book):
        try:
            return self.stub.Handle(book, timeout=TIMEOUT)
        except grpc.RpcError as error:
            assert error.code() == Status.UNAVAILABLE, error
            return False


def test_upgrade_without_downtime(scaled):
    (upgrade,) = blocks("Upgrade without downtime")
    stop, version, start = upgrade.splitlines()
    processes = dict(zip(["command-handler", "query-handler"], scaled.processes))
    processes["projector"] = scaled.start("outrider projector --config outrider.yaml")
    over = threading.Event()
    customer = Customer(scaled, over)
    customer.start()
    for role, process in processes.items():
        before = len(customer.acknowledged)
        eventually(lambda: len(customer.acknowledged) > before + BETWEEN, PATIENCE)
        ending = threading.Thread(target=scaled.ended, args=(process,))  # who started it learns of its end
        ending.start()
        scaled.run(stop, PID=str(process.pid))
        ending.join(PATIENCE)
        assert scaled.run(version).startswith("outrider ")
        again = scaled.start(start if role == "command-handler" else start.replace("command-handler", role))
        eventually(lambda: "listens on" in scaled.said(again), PATIENCE)
    before = len(customer.acknowledged)
    eventually(lambda: len(customer.acknowledged) > before + BETWEEN, PATIENCE)
    over.set()
    customer.join(PATIENCE)
    assert customer.failure is None
    assert scaled.events(customer.root) == customer.acknowledged
    eventually(lambda: scaled.projection(customer.root) == len(customer.acknowledged), PATIENCE)


def test_back_up_and_restore(counting):
    back_up, restore = blocks("Back up and restore")
    kept, lost = new_root(), new_root()
    counting.handle(kept, b"before")
    counting.run(back_up)
    counting.handle(kept, b"after")
    counting.handle(lost, b"after")
    counting.stop()
    counting.run(restore)
    counting.start("outrider run")
    counting.is_well()
    assert counting.events(kept) == [b"before"]
    assert counting.events(lost) == []
    counting.handle(kept, b"again")
    eventually(lambda: counting.projection(kept) == 2, PATIENCE)


def test_back_up_and_restore_on_mongodb(deployment, logic, tmp_path):
    """By a copy of the server's files, as they are at one moment."""
    kept, lost = new_root(), new_root()
    engine = Engine(tmp_path / "engine").start("--owner", str(os.getpid()))

    def start(engine):
        server, _, options = engine.uri.partition("?")
        deployment.configure(
            f"domain: bank\nstore: '{server.rstrip('/')}/shop?{options}'\nlogic: {{address: {logic.address}}}\n"
            f"projector: {{name: balance, address: {logic.address}}}\n")
        deployment.start("outrider run")
        deployment.is_well()

    try:
        start(engine)
        deployment.handle(kept, b"before")
        engine.stop()
        subprocess.run(["cp", "--archive", tmp_path / "engine", tmp_path / "snapshot"], check=True)
        engine.start("--owner", str(os.getpid()))
        deployment.handle(kept, b"after")
        deployment.handle(lost, b"after")
        deployment.stop()
        engine.kill()
        engine = Engine(tmp_path / "snapshot").start("--owner", str(os.getpid()))
        start(engine)
        assert deployment.events(kept) == [b"before"]
        assert deployment.events(lost) == []
        deployment.handle(kept, b"again")
        eventually(lambda: deployment.projection(kept) == 2, PATIENCE)
    finally:
        engine.kill()


def test_rebuild_projections(counting):
    (rebuild,) = blocks("Rebuild projections")
    roots = [new_root() for _ in range(5)]
    for root in roots:
        counting.handle(root)
    eventually(lambda: all(counting.projection(root) == 1 for root in roots), PATIENCE)
    said = counting.run(rebuild)
    assert "caught up" in said
    assert all(counting.projection(root) == 1 for root in roots)


def test_parked_aggregates(counting, logic):
    ours, sagas = blocks("Parked aggregates")
    listing, retry, retry_all, skip = ours.splitlines()
    roots = [new_root() for _ in range(3)]

    def refuse(book, context):
        context.abort(Status.INVALID_ARGUMENT, "not to my liking")

    logic.project = refuse
    for parked, root in enumerate(roots, 1):  # one by one: a logic that refuses all is taken for down
        counting.handle(root)
        eventually(lambda: counting.run(listing).count("not to my liking") == parked, PATIENCE)
    skipped, first, _ = names = [str(uuid.UUID(bytes=root)) for root in roots]
    assert all(name in counting.run(listing) for name in names)
    counting.run(skip, ROOT=skipped)
    logic.project = count
    counting.run(retry, ROOT=first)
    counting.run(retry_all)
    eventually(lambda: [counting.projection(root) for root in roots] == [0, 1, 1], PATIENCE)
    assert "not to my liking" not in counting.run(listing)


def test_parked_sagas_and_commands_that_wait(deployment, logic):
    (_, parked), (waiting,) = blocks("Parked aggregates"), blocks("Commands that wait")
    listing, retry, show = parked.splitlines()
    deployment.configure(f"""domains: [{{name: bank, logic: {{address: {logic.address}}}}}]
sagas: [{{name: transfer, domains: [bank], tries: 1, retry-time: 1s, logic: {{address: {logic.address}}}}}]
routes: [{{domain: away, address: "{free_address()}"}}]
""")
    deployment.start("outrider run")
    deployment.is_well()
    saga = {"HOST:1316": f"127.0.0.1:{deployment.ports['saga']}"}

    def refuse(given, context):
        context.abort(Status.INVALID_ARGUMENT, "not to my liking")

    def command(given, context):
        reaction = saga_pb2.SagaReaction()
        reaction.commands.append(commands(new_root(), b"go"))
        reaction.commands[0].cover.domain = "away"
        return reaction

    logic.react = refuse
    book = commands(new_root(), b"x", correlation="case-1")
    deployment.stub(services.BusinessCoordinatorStub, "command-handler").Handle(book, timeout=TIMEOUT)
    eventually(lambda: "not to my liking" in deployment.run(listing, **saga), PATIENCE)
    (root,) = re.findall(r"saga.transfer/([0-9a-f-]{36})", deployment.run(listing, **saga))
    logic.react = command
    deployment.run(retry, ROOT=root, **saga)
    eventually(lambda: "away" in deployment.run(show, KEY="case-1"), PATIENCE)
    assert "case-1" in deployment.run(waiting, DOMAIN="bank")
    eventually(lambda: "commands wait, and are sent again until they end" in deployment.said(), PATIENCE)


def test_dead_letters(deployment, apart, broker):
    (dead, _) = blocks("Dead letters")
    listing, show, retry, drop = dead.splitlines()
    apart.client.record(facts(new_root(), b"creates the domain"))
    projector = apart.start_projector()
    deployment.ports["projector"] = projector.addresses["projector"].rpartition(":")[2]
    deployment.configure("domain: bank\n")
    channel = broker.channel()
    eventually(lambda: sum(apart.projections().values()) == 1, PATIENCE)
    channel.basic_publish("", queue(apart), b"nonsense")
    channel.connection.close()

    def letter():
        """The only one's id; None where there is not exactly one."""
        found = deployment.run(f"{listing} --json").splitlines()
        return json.loads(found[0])["id"] if len(found) == 1 and found[0].startswith("{") else None

    first = eventually(letter, PATIENCE)
    assert "nonsense" in deployment.run(show, ID=first)
    deployment.run(retry, ID=first)
    second = eventually(lambda: (found := letter()) != first and found, PATIENCE)
    deployment.run(drop, ID=second)
    eventually(lambda: "there are no dead letters" in deployment.run(listing), PATIENCE)


def test_dead_letters_of_a_topic_of_commands(deployment, logic, tmp_path):
    (_, dead) = blocks("Dead letters")
    broker = Kafka(tmp_path / "kafka").start("--memory")
    try:
        deployment.configure(
            f"domain: bank\nlogic: {{address: {logic.address}}}\n"
            f"channel: 'kafka://{broker.uri}'\ncommand: {{topic: orders}}\n")
        deployment.start("outrider command-handler")
        producer = Producer({"bootstrap.servers": broker.uri})
        producer.produce("orders", b"nonsense", b"key")
        assert producer.flush(PATIENCE) == 0
        handler = f"127.0.0.1:{deployment.ports['command-handler']}"
        letters = {"HOST:1313": handler}
        eventually(lambda: "content-type is missing" in deployment.done(dead, **letters).stdout, PATIENCE)
        deployment.stop()
    finally:
        broker.kill()


def test_rotate_certificates(deployment, tmp_path):
    """One that is replaced is shown to new connections; those that are open go on."""
    (certificate, _, _), _ = (block.splitlines() for block in blocks("Rotate secrets"))
    sign_itself(tmp_path, "ca")
    issue(tmp_path, "server", "IP:127.0.0.1")
    deployment.configure("domain: bank\ntls: {certificate: server.pem, key: server.key}\n")
    deployment.start("outrider query-handler")
    address = "127.0.0.1", deployment.ports["query-handler"]
    trusted = grpc.ssl_channel_credentials((tmp_path / "ca.pem").read_bytes())
    channel = grpc.secure_channel(f"{address[0]}:{address[1]}", trusted)
    health = health_pb2_grpc.HealthStub(channel)
    health.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=TIMEOUT)
    before = ssl.get_server_certificate(address, timeout=TIMEOUT)
    issue(tmp_path, "new", "IP:127.0.0.1")
    deployment.run(certificate)
    eventually(lambda: ssl.get_server_certificate(address, timeout=TIMEOUT) != before, PATIENCE)
    health.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
    deployment.stop()


def test_rotate_tokens_and_their_keys(deployment, logic, tmp_path):
    """First what a process shows to others, which was about to expire; then what all of them are checked by."""
    (_, peer, keys), _ = (block.splitlines() for block in blocks("Rotate secrets"))
    deployment.configure(
        f"domain: bank\nlogic: {{address: {logic.address}}}\ntokens: {{keys: keys.json, peer-file: peer.token}}\n"
        f"projector: {{name: balance, address: {logic.address}, synchronous: true, "
        f"coordinator: '127.0.0.1:{deployment.ports['projector']}'}}\n")
    (tmp_path / "keys.json").write_text(key_set())
    (tmp_path / "peer.token").write_text(token("handler", lifetime=-120))
    for role in "command-handler", "projector":
        deployment.start(f"outrider {role}")
    eventually(lambda: deployment.said().count("listens on") == 2, PATIENCE)
    stub = deployment.stub(services.BusinessCoordinatorStub, "command-handler")

    def failures(secret):
        """Of the projector, where the command is allowed to whoever shows a token that this key has signed."""
        bearer = [("authorization", f"Bearer {token('web', secret=secret)}")]
        book = commands(new_root(), b"x", synchronous=True)
        return list(stub.Handle(book, timeout=TIMEOUT, metadata=bearer).failures)

    def is_refused(secret):
        try:
            failures(secret)
        except grpc.RpcError as error:
            return error.code() == Status.UNAUTHENTICATED
        return False

    first, second = bytes(range(32)), bytes(range(1, 33))
    assert [each.code for each in failures(first)] == [Status.UNAUTHENTICATED.value[0]]
    (tmp_path / "new.token").write_text(token("handler"))
    deployment.run(peer)
    eventually(lambda: not failures(first), PATIENCE)

    assert is_refused(second)
    (tmp_path / "new.json").write_text(key_set(second))
    deployment.run(keys)
    eventually(lambda: is_refused(first) and not is_refused(second), PATIENCE)
    deployment.stop()


def test_rotate_the_password_of_a_channel(deployment, broker, tmp_path):
    _, (add, allow, delete) = (block.splitlines() for block in blocks("Rotate secrets"))
    deployment.functions = f'rabbitmqctl() {{ "{broker.script}" ctl "{broker.directory}" "$@"; }}\n'
    for line in add, allow:
        deployment.run(line, new="old", PASSWORD="past")
    server = broker.uri.rpartition("@")[2]

    def start(login):
        deployment.configure(f"domain: bank\nchannel: 'amqp://{login}@{server}?exchange=rotated'\n")
        deployment.start("outrider command-handler")

    def publishes(channel):
        root = new_root()
        stub = deployment.stub(services.BusinessCoordinatorStub, "command-handler")
        stub.Record(facts(root, b"x"), timeout=TIMEOUT, wait_for_ready=True)
        eventually(lambda: (body := channel.basic_get("rotated", auto_ack=True)[2]) and root in body, PATIENCE)

    channel = broker.channel()
    channel.exchange_declare("rotated", "topic", durable=True)
    channel.queue_declare("rotated")
    channel.queue_bind("rotated", "rotated", "bank.*")
    start("old:past")
    publishes(channel)
    for line in add, allow:
        deployment.run(line, PASSWORD="present")
    publishes(channel)
    deployment.stop()
    start("new:present")
    deployment.run(delete)
    publishes(channel)
    deployment.stop()
    channel.connection.close()


def test_all_that_the_page_says_is_run(request):
    """Line by line. Comes last, and asks what the tests of this file have run."""
    ours = [name for name, each in globals().items() if name.startswith("test_") and callable(each)]
    chosen = {item.function.__name__ for item in request.session.items if item.path == request.path}
    if not chosen >= set(ours):
        pytest.skip("only some of the tests were chosen")
    assert lines() - Deployment.ran - NOT_RUN.keys() == set()
    inline = re.findall(r"`((?:outrider|mongodump|rabbitmqctl|consul|kubectl|helm) [^`]+)`", PAGE)
    commands = [line for line in lines() if not line.startswith("#")]
    assert [each for each in inline if each not in NOT_RUN and not any(each in line for line in commands)] == []
