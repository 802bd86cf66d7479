"""The commands of docs/operating.md are run as they stand there, by a shell in the directory of a deployment."""

import json
import os
import re
import ssl
import subprocess
import sys
import uuid

import grpc
import pytest
from apart import queue
from brokers import Consul
from certificates import issue, sign_itself
from client import Status, commands, eventually, facts, new_root
from evented import evented_pb2_grpc as services
from grpc_health.v1 import health_pb2, health_pb2_grpc
from listening import free_address
from logic import Logic, count
from operating import BANK, PATIENCE, TIMEOUT, Deployment, blocks
from outrider.v1 import saga_pb2


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
    (one, _) = blocks("Deploy")
    deployment.start(one)
    deployment.is_well()
    deployment.stop()


def test_deploy_each_role_by_itself_in_any_order(deployment):
    (_, apart) = blocks("Deploy")
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


def test_watch(counting):
    (status,) = blocks("Watch")
    assert "all is well" in counting.run(status.splitlines()[0])


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
    (dead,) = blocks("Dead letters")
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


def test_rotate_secrets(deployment, tmp_path):
    """A certificate that is replaced is shown to new connections; those that are open go on."""
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
    issue(tmp_path, "server", "IP:127.0.0.1")
    eventually(lambda: ssl.get_server_certificate(address, timeout=TIMEOUT) != before, PATIENCE)
    health.Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
    deployment.stop()
