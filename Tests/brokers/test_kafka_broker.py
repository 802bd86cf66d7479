"""devops/kafka/broker.sh and its mock cluster, with confluent-kafka as the client."""

import json
import threading
import time

import pytest
from brokers import Kafka, KafkaMock, running
from conftest import together, with_and_signal
from confluent_kafka import Consumer, Producer, TopicPartition

SECONDS = 30


@pytest.fixture(scope="module")
def brokers(place):
    """Two that were started at the same time."""
    both = Kafka(place / "first"), Kafka(place / "second")
    together(*(each.start for each in both))
    for each in both:
        each.create_topic("outrider.bank", 2)
    yield both
    for each in both:
        each.stop()


@pytest.fixture
def broker(brokers):
    return brokers[0]


@pytest.fixture
def mock():
    mock = KafkaMock()
    yield mock
    mock.stop()


def publish(uri, value, topic="outrider.bank", partition=0):
    """Returns once the broker has acknowledged it."""
    errors = []
    producer = Producer({"bootstrap.servers": uri, "enable.idempotence": True, "message.timeout.ms": SECONDS * 1000})
    producer.produce(topic, value, b"key", partition=partition, on_delivery=lambda error, message: errors.append(error))
    producer.flush(SECONDS)
    assert errors == [None]


def values(uri, topic="outrider.bank", partition=0):
    """All of a partition."""
    consumer = Consumer({"bootstrap.servers": uri, "group.id": "none"})
    count = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=SECONDS)[1]
    consumer.assign([TopicPartition(topic, partition, 0)])
    found = [message.value() for message in consumer.consume(count, SECONDS)]
    consumer.close()
    return found


def members(uri, count):
    return [
        Consumer({"bootstrap.servers": uri, "group.id": "group", "auto.offset.reset": "earliest", "enable.auto.commit": False,
                  "session.timeout.ms": 2000, "heartbeat.interval.ms": 300}) for _ in range(count)]


def test_two_at_once_are_two_brokers(brokers):
    for number, each in enumerate(brokers):
        publish(each.uri, f"for {number}".encode())
    assert [values(each.uri) for each in brokers] == [[b"for 0"], [b"for 1"]]


def test_an_acknowledged_message_outlives_a_crash(broker):
    publish(broker.uri, b"durable", partition=1)
    before = broker.uri
    broker.kill()
    assert running(broker.directory) == []
    assert broker.run("uri", broker.directory).stderr.startswith("nothing serves")
    assert broker.start().uri == before
    publish(broker.uri, b"later", partition=1)
    assert values(broker.uri, partition=1) == [b"durable", b"later"]


def test_what_a_crash_left_out_is_stored_when_it_is_sent_again(broker):
    """tansu notes a producer's sequence before it stores the batch."""
    broker.create_topic("crashed", 1)
    errors = []
    producer = Producer({"bootstrap.servers": broker.uri, "enable.idempotence": True, "message.timeout.ms": SECONDS * 1000})

    def send(value):
        producer.produce("crashed", value, partition=0, on_delivery=lambda error, message: errors.append(error))
        producer.flush(SECONDS)

    send(b"first")
    broker.kill()
    meta, = broker.directory.glob("objects/clusters/*/meta.json")
    content = json.loads(meta.read_text())
    noted, = (
        topics["crashed"] for producer in content["producers"].values()
        for topics in producer["sequences"].values() if "crashed" in topics)
    noted["0"] += 1
    meta.write_text(json.dumps(content))
    broker.start()
    send(b"second")
    assert errors == [None, None]
    assert values(broker.uri, "crashed") == [b"first", b"second"]


def test_a_group_shares_partitions_and_remembers_offsets(broker):
    broker.create_topic("shared", 2)
    for partition in (0, 1):
        publish(broker.uri, b"%d" % partition, "shared", partition)
    both = members(broker.uri, 2)
    for each in both:
        each.subscribe(["shared"])
    deadline = time.monotonic() + SECONDS
    got = [None, None]
    while None in got and time.monotonic() < deadline:
        for number, each in enumerate(both):
            if len(each.assignment()) == 1:
                got[number] = each.poll(0.1) or got[number]
            else:  # while it has both, or none
                each.poll(0.1)
    assert {len(each.assignment()) for each in both} == {1}
    for each in both:
        partition = each.assignment()[0]
        each.commit(offsets=[TopicPartition("shared", partition.partition, 1)], asynchronous=False)
        assert each.committed([partition], timeout=SECONDS)[0].offset == 1
        each.close()


def test_the_example_consumer_prints_and_commits(brokers, book, example):
    broker = brokers[1]
    broker.do("topic", "delete", "outrider.bank")
    broker.create_topic("outrider.bank", 2)
    publish(broker.uri, book.SerializeToString())
    output = example("kafka_consumer.py", broker.uri)
    assert output.readline() == "00010203-0405-0607-0809-0a0b0c0d0e0f 7 bank.AccountOpened\n"


def test_with_takes_its_broker_away(tmp_path):
    uri, status = with_and_signal(Kafka.script, "OUTRIDER_TEST_KAFKA", tmp_path)
    assert uri.startswith("127.0.0.1:")
    assert status == 128 + 15
    assert running(tmp_path) == [] and list(tmp_path.iterdir()) == []


def test_with_leaves_a_broker_that_is_given_alone():
    done = Kafka.run("with", "sh", "-c", "echo $OUTRIDER_TEST_KAFKA; exit 3", OUTRIDER_TEST_KAFKA="elsewhere:1")
    assert (done.stdout, done.returncode) == ("elsewhere:1\n", 3)


def test_the_mock_cluster_fails_on_command(mock):
    mock.tell("topic outrider.bank 2")
    mock.tell("errors 0 7 2")  # Produce answers REQUEST_TIMED_OUT twice
    publish(mock.uri, b"first")
    mock.tell("down")
    up = threading.Timer(0.5, mock.tell, ["up"])
    up.start()
    publish(mock.uri, b"second")
    up.join()
    assert values(mock.uri) == [b"first", b"second"]
