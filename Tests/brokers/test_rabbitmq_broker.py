"""devops/rabbitmq/broker.sh, with pika as the client."""

import socket
import ssl
import time
from urllib.parse import urlsplit

import pika
import pytest
from brokers import RabbitMQ, running
from conftest import together, with_and_signal
from pika.exceptions import ChannelClosedByBroker

PERSISTENT = pika.BasicProperties(delivery_mode=2)


@pytest.fixture(scope="module")
def brokers(place):
    """Two that were started at the same time, the first with TLS, the second with STOMP."""
    both = RabbitMQ(place / "first"), RabbitMQ(place / "second")
    together(lambda: both[0].start("--tls"), lambda: both[1].start("--stomp", "--set", "max_message_size=1000"))
    yield both
    for each in both:
        each.stop()


@pytest.fixture
def broker(brokers):
    return brokers[0]


def publish(broker, body, queue="durable"):
    channel = broker.channel()
    channel.queue_declare(queue, durable=True)
    channel.basic_publish("", queue, body, PERSISTENT, mandatory=True)
    channel.connection.close()


def take(broker, queue="durable"):
    channel = broker.channel()
    body = channel.basic_get(queue, auto_ack=True)[2]
    channel.connection.close()
    return body


def test_two_at_once_are_two_brokers(brokers):
    for number, each in enumerate(brokers):
        publish(each, f"for {number}".encode())
    assert [take(each) for each in brokers] == [b"for 0", b"for 1"]


def test_all_listens_on_loopback_and_no_epmd_runs(broker):
    assert "127.0.0.1" in broker.uri
    programs = {open(f"/proc/{each}/comm").read().strip() for each in running(broker.directory)}
    assert "beam.smp" in programs and "epmd" not in programs
    sockets = broker.ctl("-q", "eval", "[inet:sockname(P) || P <- erlang:ports(), {name, \"tcp_inet\"} == erlang:port_info(P, name)].")
    assert "127,0,0,1" in sockets and "0,0,0,0" not in sockets


def test_a_confirmed_message_outlives_a_crash(broker):
    publish(broker, b"durable")
    # A queue's definition is written some seconds after its declaration was answered, unlike messages.
    broker.ctl("eval", "mnesia:sync_log().")
    before = broker.uris
    broker.kill()
    assert running(broker.directory) == []
    assert broker.run("uri", broker.directory).stderr.startswith("nothing serves")
    broker.start("--tls")
    assert broker.uris == before
    assert take(broker) == b"durable"


def test_tls_is_checked_against_the_directorys_root(broker):
    parameters = pika.URLParameters(broker.uris[1])
    parameters.ssl_options = pika.SSLOptions(ssl.create_default_context(cafile=broker.directory / "tls/ca.pem"), "127.0.0.1")
    pika.BlockingConnection(parameters).close()


def test_stomp_is_spoken(brokers):
    amqp, spoken = brokers[1].uris
    place = urlsplit(spoken)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(b"CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\n\n\0")
        assert connection.recv(4096).startswith(b"CONNECTED\n")
    assert urlsplit(amqp).scheme == "amqp"


def test_a_memory_alarm_blocks_publishers_until_it_ends(broker):
    channel = broker.channel()
    said = []
    channel.connection.add_on_connection_blocked_callback(lambda *_: said.append("blocked"))
    channel.connection.add_on_connection_unblocked_callback(lambda *_: said.append("unblocked"))

    def wait_for(count):
        deadline = time.monotonic() + 30
        while len(said) < count and time.monotonic() < deadline:
            channel.connection.process_data_events(time_limit=0.1)

    broker.ctl("set_vm_memory_high_watermark", "0.0000001")
    channel.basic_publish("", "nowhere", b"", PERSISTENT)  # who does not publish is not blocked
    wait_for(1)
    assert said == ["blocked"]
    broker.ctl("set_vm_memory_high_watermark", "0.4")
    wait_for(2)
    assert said == ["blocked", "unblocked"]
    channel.connection.close()


def test_settings_reach_the_broker(brokers):
    with pytest.raises(ChannelClosedByBroker, match="message size"):
        publish(brokers[1], bytes(2000))


def test_the_example_consumer_prints_and_acknowledges(broker, book, example):
    output = example("rabbitmq_consumer.py", broker.uri)
    channel = broker.channel()
    deadline = time.monotonic() + 30
    while "bank.*" not in broker.ctl("-q", "list_bindings", "routing_key"):
        assert time.monotonic() < deadline
    channel.basic_publish("outrider", "bank.0", book.SerializeToString(), PERSISTENT, mandatory=True)
    assert output.readline() == "00010203-0405-0607-0809-0a0b0c0d0e0f 7 bank.AccountOpened\n"
    channel.connection.close()


def test_with_takes_its_broker_away(tmp_path):
    uri, status = with_and_signal(RabbitMQ.script, "OUTRIDER_TEST_RABBITMQ_URI", tmp_path)
    assert uri.startswith("amqp://guest:guest@127.0.0.1:")
    assert status == 128 + 15
    assert running(tmp_path) == [] and list(tmp_path.iterdir()) == []


def test_with_leaves_a_broker_that_is_given_alone():
    done = RabbitMQ.run("with", "sh", "-c", "echo $OUTRIDER_TEST_RABBITMQ_URI; exit 3", OUTRIDER_TEST_RABBITMQ_URI="amqp://elsewhere/")
    assert (done.stdout, done.returncode) == ("amqp://elsewhere/\n", 3)
