"""Brokers that refuse a message, or a user: what is said, what goes on, and what follows when they do so no more."""

import time
import urllib.request

import pytest
from apart import PATIENCE, Apart, Foreign, Load, named, queue, relayed
from brokers import RabbitMQ
from client import eventually, facts, new_root, told
from prometheus_client.parser import text_string_to_metric_families

METRICS = "--metrics-listen=127.0.0.1:0"
LIMIT = 50_000


@pytest.fixture
def narrow(tmp_path):
    """A broker that takes small messages only."""
    broker = RabbitMQ(tmp_path / "narrow").start("--set", f"max_message_size={LIMIT}")
    yield broker
    broker.kill()


def failing(sidecar, subscription):
    """What the metrics say of the channel: whether it fails, and how often it began to; nothing before it is followed."""
    with urllib.request.urlopen(f"http://{sidecar.addresses['metrics']}/metrics", timeout=10) as page:
        families = {each.name: each for each in text_string_to_metric_families(page.read().decode())}
    names = ("outrider_subscription_channel_failing", "outrider_subscription_channel_failures")
    samples = [sample for name in names if name in families for sample in families[name].samples]
    return [sample.value for sample in samples if sample.labels["subscription"].startswith(subscription)]


def tries_are_apart(count):
    """Ten more tries take their pauses, some five seconds: in a busy loop they would take a tenth of one."""
    before, began = count(), time.monotonic()
    eventually(lambda: count() >= before + 10, PATIENCE)
    assert time.monotonic() - began > 1


def broker_log(broker):
    return (broker.directory / "broker.log").read_text()


def test_a_message_larger_than_the_broker_takes_waits_and_is_named(start, projector_logic, narrow, tmp_path):
    uri = f"{narrow.uri}?exchange=narrow"
    foreign = Foreign(narrow, named(uri))
    apart = Apart(start, projector_logic, uri, tmp_path=tmp_path, more=[METRICS])
    apart.start_projector()
    large = new_root()
    with Load(apart) as load:
        eventually(lambda: load.total > 20, PATIENCE)
        apart.client.record(facts(large, b"x" * 2 * LIMIT))
        eventually(lambda: "is larger than configured max size 50000" in apart.writer.text, PATIENCE)
        before = load.total
        eventually(lambda: load.total > before + 50, PATIENCE)  # commands go on
    load.counts[large] = 1
    told(apart.writer, "see the broker's max_message_size", "(at position ")
    # The projector needs no broker for what the query-handler has.
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    said = failing(apart.writer, "$relay/")
    tries_are_apart(lambda: broker_log(narrow).count("is larger than configured max size"))
    # It fails since then, and not anew with each try.
    assert failing(apart.writer, "$relay/") == said == [1, said[1]]
    assert not foreign.drain().seen[large]

    narrow.stop()
    narrow.start("--set", f"max_message_size={10 * LIMIT}")
    eventually(lambda: relayed(foreign, load), PATIENCE)
    eventually(lambda: failing(apart.writer, "$relay/")[0] == 0, PATIENCE)
    told(apart.writer, "works again")


def test_a_user_without_rights_is_told_and_goes_on_once_they_are_granted(
        start, projector_logic, broker, exchange, tmp_path):
    rights = named(exchange)
    broker.ctl("add_user", rights, "secret")
    broker.ctl("set_permissions", rights, "^$", "^$", "^$")
    try:
        uri = exchange.replace("guest:guest@", f"{rights}:secret@")
        apart = Apart(start, projector_logic, uri, tmp_path=tmp_path, more=[METRICS])
        foreign = Foreign(broker, rights)
        apart.start_projector()
        with Load(apart) as load:
            eventually(lambda: load.total > 50, PATIENCE)
            for sidecar, subscription in (apart.writer, "$relay/"), (apart.projector, "balance"):
                eventually(lambda: failing(sidecar, subscription) == [1, 1], PATIENCE)
                eventually(lambda: "403 ACCESS_REFUSED" in sidecar.text, PATIENCE)
                assert f"exchange {rights}" in sidecar.text
                assert f"give the user {rights} the rights to configure, write and read" in sidecar.text
                assert "secret" not in sidecar.text
        eventually(lambda: apart.projections() == load.counts, PATIENCE)
        tries_are_apart(lambda: broker_log(broker).count(f"refused for user '{rights}'"))

        # Those that docs/channels.md gives a projector: they include the relay's.
        broker.ctl(
            "set_permissions", rights, rf"^{rights}(\..*)?$", rf"^({rights}(\..*)?|amq\.default)$",
            rf"^{rights}(\..*)?$")
        eventually(lambda: relayed(foreign, load), PATIENCE)
        for sidecar, subscription in (apart.writer, "$relay/"), (apart.projector, "balance"):
            eventually(lambda: failing(sidecar, subscription) == [0, 1], PATIENCE)
            told(sidecar, "works again")
        eventually(lambda: f"{queue(apart)}\t0" in broker.ctl("list_queues", "name", "messages"), PATIENCE)
        assert apart.projections() == load.counts
    finally:
        broker.ctl("delete_user", rights)
