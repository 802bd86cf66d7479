"""Alerts of projectors, sagas and relays are fired by what broke, and by none that is well. See test_alerts.py."""

import threading

import pytest
from alerts import Observed, fires, judge
from apart import Apart
from brokers import Kafka
from client import Client, eventually, facts, new_root
from listening import free_address
from logic import Logic, count
from scrapes import Scrape, once, once_it_is, read, read_while_it_grows
from test_dead_letters import OnRabbitMQ, goes_on
from test_metrics import LISTEN
from test_sagas import book, commanding, configure
from test_status import bind, own_logic, refuse  # noqa: F401

HELD = "outrider_lease_held"
CIRCUIT = "outrider_subscription_circuit_open"
ATTEMPTS = "grpc_client_attempt_duration_seconds_count"
GROWTH = 150  # commits between two scrapes
SEND = {"grpc_method": "evented.BusinessCoordinator/Handle", "grpc_status": "UNAVAILABLE"}


def record(sidecar, count=1):
    client = Client(sidecar)
    for _ in range(count):
        client.record(facts(new_root(), b"x"))


def is_active(scraped):
    return scraped.follows() and scraped.total("outrider_subscription_head")


def projects(start, logic_process, *options, **settings):
    """A sidecar whose projector has begun, and that is well."""
    logic_process.reset()
    sidecar = start(address=logic_process.address, options=[LISTEN, *options], **settings)
    record(sidecar)
    return sidecar, once(is_active, sidecar)


# Logic


@fires("OutriderProjectorLogicDown")
def test_logic_of_a_projector_that_is_down(start, logic_process, own_logic):
    sidecar, well = projects(start, logic_process, projector=own_logic[0].address)
    own_logic[0].stop()
    record(sidecar)
    broken = read_while_it_grows(
        sidecar, ATTEMPTS, grpc_method="evented.Projector/HandleSync", grpc_status="UNAVAILABLE")
    own_logic.append(Logic(own_logic[0].address))
    return Observed([well], broken, [once_it_is(2, "outrider_subscription_position", sidecar)])


@fires("OutriderProjectorRefuses")
def test_logic_that_refuses_all(start, logic_process):
    sidecar, well = projects(start, logic_process, "--projector-tries=3", "--projector-retry-time=1s")
    logic_process.project = refuse
    record(sidecar, 6)
    broken = once_it_is(1, CIRCUIT, sidecar)
    logic_process.reset()
    return Observed([well], [broken], [once_it_is(0, CIRCUIT, sidecar)])


@fires("OutriderAggregateParked")
def test_logic_that_refuses_one_aggregate(start, logic_process):
    """Of a projector that is new, so that nobody saw its counter at 0."""
    logic_process.reset()
    writer = start(role="command-handler", address=logic_process.address, options=[LISTEN])
    record(writer)
    well = read(writer)
    logic_process.project = refuse
    projector = start(role="projector", address=logic_process.address, options=[LISTEN, "--projector-tries=1"])
    return Observed([well], [once_it_is(1, "outrider_subscription_parked_total", writer, projector)])


@fires("OutriderLagGrows")
def test_logic_that_is_slower_than_commands(start, logic_process):
    sidecar, well = projects(start, logic_process)
    may_go_on = threading.Event()

    def wait(book, context):
        may_go_on.wait(60)
        return count(book, context)

    def more():
        record(sidecar, GROWTH)
        return read(sidecar)

    logic_process.project = wait
    try:
        return Observed([well], [more(), more()])
    finally:
        may_go_on.set()


# Sagas


@pytest.fixture
def saga(tmp_path, start, logic_process):
    """Starts a saga with logic of its own, and with a domain that is served elsewhere."""
    def saga(logic, elsewhere):
        logic_process.reset()
        path = configure(tmp_path, logic_process)
        shared, _, settings = path.read_text().rpartition(logic_process.address)
        path.write_text(f"{shared}{logic.address}{settings}\nroutes:\n  - domain: far\n    address: {elsewhere}\n")
        sidecar = start(config=path, options=[LISTEN])
        Client(sidecar).handle(book("order", new_root(), b"one", correlation="well"))
        eventually(lambda: logic.inputs)
        return sidecar, once(Scrape.follows, sidecar)

    return saga


@fires("OutriderSagaLogicDown")
def test_logic_of_a_saga_that_is_down(saga, own_logic):
    sidecar, well = saga(own_logic[0], free_address())
    own_logic[0].stop()
    Client(sidecar).handle(book("order", new_root(), b"two", correlation="broken"))
    broken = read_while_it_grows(
        sidecar, ATTEMPTS, grpc_method="outrider.v1.Saga/React", grpc_status="UNAVAILABLE")
    own_logic.append(Logic(own_logic[0].address))
    eventually(lambda: own_logic[1].inputs, 30)
    return Observed([well], broken, [read(sidecar)])


@fires("OutriderSagaCommandsWait")
def test_a_command_handler_of_sagas_that_is_away(saga, own_logic, start, logic_process, tmp_path):
    elsewhere = free_address()
    sidecar, well = saga(own_logic[0], elsewhere)
    own_logic[0].react = commanding("far", new_root())
    Client(sidecar).handle(book("order", new_root(), b"two", correlation="broken"))
    broken = read_while_it_grows(sidecar, ATTEMPTS, **SEND)
    start(data=tmp_path / "far", role="command-handler", domain="far", address=logic_process.address,
          options=[f"--port-command-handler={elsewhere.rpartition(':')[2]}"])
    mended = once(lambda scraped: scraped.total(ATTEMPTS, **SEND | {"grpc_status": "OK"}), sidecar)
    return Observed([well], broken, [mended])


# Who follows


@fires("OutriderNobodyFollows")
def test_a_projector_that_does_not_come_back(start, logic_process):
    """What is gone says nothing: the command-handler tells."""
    logic_process.reset()
    writer = start(role="command-handler", address=logic_process.address, options=[LISTEN])
    record(writer)
    projector = start(role="projector", address=logic_process.address, options=[LISTEN])
    well = once(lambda scraped: is_active(scraped) and scraped.total(HELD) == 2, writer, projector)
    projector.stop()
    broken = once_it_is(0, HELD, writer)
    projector.start()
    return Observed([well], [broken], [once_it_is(1, HELD, writer)])


@fires("OutriderLeaseFlaps")
def test_a_projector_that_is_restarted_again_and_again(start, logic_process):
    logic_process.reset()
    writer = start(role="command-handler", address=logic_process.address, options=[LISTEN])
    record(writer)
    projector = start(role="projector", address=logic_process.address)
    well = once(lambda scraped: scraped.total("outrider_lease_changes_total") is not None, writer)
    scrapes = [well]
    for _ in range(3):
        projector.stop()
        projector.start()
        before = scrapes[-1].total("outrider_lease_changes_total")
        scrapes.append(once(lambda scraped: scraped.total("outrider_lease_changes_total") > before, writer))
    return Observed([well], scrapes[1:], [read(writer)])


# Channels


@fires("OutriderMessageSetAside", "OutriderDeadLetters")
def test_a_message_that_is_no_commit(start, projector_logic, broker, exchange, tmp_path):
    """It waits for a projector that is new."""
    apart = Apart(start, projector_logic, exchange, tmp_path=tmp_path, more=[LISTEN])
    apart.start_projector()
    goes_on(apart)
    well = read(apart.writer)
    apart.projector.stop()
    OnRabbitMQ(apart, broker).put(b"nonsense")
    apart.start_projector()
    return Observed([well], [once_it_is(1, "outrider_subscription_dead_letters", apart.writer, apart.projector)])


@fires("OutriderChannelFails")
def test_a_broker_that_is_killed(start, logic_process, broker):
    sidecar = start(role="command-handler", address=logic_process.address,
                    options=[LISTEN, f"--channel={broker.uri}?exchange=status"])
    bind(broker)
    record(sidecar)

    def fails(scraped):
        return scraped.total("outrider_subscription_channel_failing")

    well = once(lambda scraped: is_active(scraped) and fails(scraped) == 0, sidecar)
    broker.kill()
    broken = once(lambda scraped: fails(scraped) == 1, sidecar)
    broker.start()
    record(sidecar)
    return Observed([well], [broken], [once(lambda scraped: fails(scraped) == 0, sidecar)])


def test_a_topic_of_commands_is_well_without_a_position(start, logic_process, tmp_path):
    kafka = Kafka(tmp_path / "kafka").start("--memory")
    try:
        sidecar = start(role="command-handler", address=logic_process.address, options=[
            LISTEN, f"--channel=kafka://{kafka.uri}", "--command-topic=bank-commands"])
        well = once(Scrape.follows, sidecar)
        judge(["OutriderStoreSilent"], Observed([well], []))
    finally:
        kafka.kill()
