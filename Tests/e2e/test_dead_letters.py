"""What an operator does about messages that a projector set aside, on real brokers."""

import base64
import json
import subprocess
import threading

import pika
import pytest
from apart import PATIENCE, Apart, Load, queue
from brokers import Kafka
from client import eventually, facts, new_root
from confluent_kafka import Consumer, Producer
from evented import evented_pb2 as evented

NONE = "outrider: there are no dead letters\n"


class OnRabbitMQ:
    def __init__(self, apart, broker):
        self.apart, self.broker = apart, broker

    def put(self, *bodies, headers=None, key=None):
        """Puts messages into the projector's queue."""
        self.publish(queue(self.apart), bodies, headers)

    def put_letters(self, *bodies):
        """Puts dead letters where the projector's are, as another tool would."""
        self.publish(f"{queue(self.apart)}.dead", bodies, None)

    def publish(self, name, bodies, headers):
        channel = self.broker.channel()
        for body in bodies:
            channel.basic_publish("", name, body, pika.BasicProperties(headers=headers))
        channel.connection.close()

    def message(self):
        """One message as the relay publishes it: its body and headers."""
        channel = self.broker.channel()
        name = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(name, queue(self.apart).partition(".")[0], "bank.0")
        self.apart.client.record(facts(new_root(), b"message"))
        _, properties, body = eventually(
            lambda: (got := channel.basic_get(name, auto_ack=True))[0] and got, PATIENCE)
        channel.connection.close()
        return body, properties.headers


class OnKafka:
    topic = "outrider.bank"

    def __init__(self, apart, broker):
        self.apart, self.broker = apart, broker

    def put(self, *bodies, headers=None, key=None):
        self.publish(self.topic, bodies, headers)

    def put_letters(self, *bodies):
        self.publish(f"{self.topic}.dead", bodies, None)

    def publish(self, topic, bodies, headers):
        producer = Producer({"bootstrap.servers": self.broker.uri})
        for body in bodies:
            producer.produce(topic, body, key=b"a key", headers=headers)
        assert producer.flush(PATIENCE) == 0

    def message(self):
        self.apart.client.record(facts(new_root(), b"message"))
        consumer = Consumer({
            "bootstrap.servers": self.broker.uri, "group.id": "message", "auto.offset.reset": "earliest"})
        consumer.subscribe([self.topic])
        message = eventually(
            lambda: (got := consumer.poll(1)) and not got.error() and got, PATIENCE)
        consumer.close()
        return message.value(), {name: value.decode() for name, value in message.headers()}


@pytest.fixture(params=["rabbitmq", "kafka"])
def deployment(request, start, projector_logic, tmp_path):
    """Sidecars apart whose projector has begun, on each broker."""
    if request.param == "rabbitmq":
        apart = request.getfixturevalue("apart")
        yield begun(OnRabbitMQ(apart, request.getfixturevalue("broker")))
        return
    broker = Kafka(tmp_path / "kafka").start("--memory")
    try:
        apart = Apart(start, projector_logic, f"kafka://{broker.uri}", "kafka", tmp_path)
        yield begun(OnKafka(apart, broker))
    finally:
        broker.kill()


def begun(deployment):
    apart = deployment.apart
    apart.start_projector()
    goes_on(apart)
    return deployment


def goes_on(apart):
    """The projector projects what is recorded now."""
    before = sum(apart.projections().values()) if apart.projector else 0
    with Load(apart, 1) as load:
        eventually(lambda: load.total > 3, PATIENCE)
    eventually(lambda: sum(apart.projections().values()) >= before + load.total, PATIENCE)


@pytest.fixture
def dead(executable, deployment):
    def run(*arguments, status=0):
        """What it printed on standard output, and on standard error."""
        done = ask(executable, deployment.apart.projector, *arguments)
        assert done.returncode == status, done.stderr
        return done.stdout, done.stderr.decode()

    return run


def ask(executable, projector, *arguments):
    return subprocess.run(
        [executable, "dead", *arguments, f"--address={projector.addresses['projector']}"],
        capture_output=True, timeout=60)


def letters(dead, *arguments):
    return [json.loads(line) for line in dead("list", "--json", *arguments)[0].splitlines()]


def listed(dead, count):
    """The letters, once there are so many."""
    return eventually(lambda: len(found := letters(dead)) == count and found, PATIENCE)


def test_a_letter_is_shown_retried_and_dropped(deployment, dead, tmp_path):
    assert dead("list") == (b"", NONE)
    deployment.put(b"nonsense", headers={"x": "y"})
    [letter] = listed(dead, 1)
    assert letter["subscription"] == "balance" and letter["domain"] == "bank"
    assert letter["bodySize"] == 8 and "no event book" in letter["reason"]
    assert letter["id"] in dead("list", "--domain=bank", "--subscription=balance")[0].decode()

    shown = json.loads(dead("show", letter["id"], "--json")[0])
    assert base64.b64decode(shown["body"]) == b"nonsense"
    assert shown["headers"] == [{"name": "x", "value": "y"}]
    assert {name: shown[name] for name in letter} == letter
    text = dead("show", letter["id"])[0].decode()
    assert "header        x: y" in text and "8 bytes, text:\n  nonsense" in text
    assert dead("show", letter["id"], "--body=-") == (b"nonsense", "")
    dead("show", letter["id"], f"--body={tmp_path}/body")
    assert (tmp_path / "body").read_bytes() == b"nonsense"

    # It is no event book now either, so it comes back as another letter.
    assert dead("retry", letter["id"]) == (b"1 letter retried\n", "")
    again = eventually(
        lambda: (found := letters(dead)) and found[0]["id"] != letter["id"] and found, PATIENCE)
    assert len(again) == 1 and again[0]["bodySize"] == 8
    shown = json.loads(dead("show", again[0]["id"], "--json")[0])
    assert shown["headers"] == [{"name": "x", "value": "y"}]

    assert dead("drop", again[0]["id"])[0] == b"1 letter dropped\n"
    assert dead("list") == (b"", NONE)
    _, reason = dead("drop", again[0]["id"], status=1)
    assert f"there is no dead letter {again[0]['id']}" in reason
    dead("show", again[0]["id"], status=1)
    goes_on(deployment.apart)


def test_the_status_tells_of_letters_until_somebody_sees_to_them(executable, deployment, dead):
    def status():
        address = deployment.apart.projector.addresses["projector"]
        return subprocess.run([executable, "status", f"--address={address}"], capture_output=True, text=True, timeout=60).stdout

    deployment.put(b"nonsense")
    eventually(lambda: "1 message that could not be taken waits among the dead letters" in status(), PATIENCE)
    assert "1 dead letters" in status()
    assert dead("drop", "--all", "--subscription=balance")[0] == b"1 letter dropped\n"
    # The projector counts them every half a minute.
    eventually(lambda: "dead letters" not in status(), 2 * PATIENCE)


def test_a_message_of_another_domain_is_a_letter_with_its_events(deployment, dead):
    body, headers = deployment.message()
    book = evented.EventBook.FromString(body)
    book.cover.domain = "shop"
    deployment.put(book.SerializeToString(), headers=headers)
    [letter] = listed(dead, 1)
    assert "events of domain shop" in letter["reason"]
    shown = json.loads(dead("show", letter["id"], "--json")[0])
    assert [event["domain"] for event in shown["events"]] == ["shop"]
    assert evented.EventBook.FromString(base64.b64decode(shown["body"])).cover == book.cover
    assert "events of shop/" in dead("show", letter["id"])[0].decode()
    goes_on(deployment.apart)


def test_all_are_retried_once_and_dropped(deployment, dead):
    deployment.put(*(b"nonsense %d" % number for number in range(20)))
    before = {letter["id"] for letter in listed(dead, 20)}
    for command in "retry", "drop":
        _, reason = dead(command, "--all", status=64)
        assert "--all needs the projector" in reason
    assert dead("retry", "--all", "--subscription=balance")[0] == b"20 letters retried\n"
    eventually(
        lambda: len(ids := {letter["id"] for letter in letters(dead)}) == 20 and not ids & before, PATIENCE)
    assert json.loads(dead("drop", "--all", "--subscription=balance", "--json")[0]) == {
        "dropped": 20, "missing": []}
    assert dead("list") == (b"", NONE)
    _, reason = dead("drop", "--all", "--subscription=nobody", status=1)
    assert "there are: balance" in reason


def test_operators_at_once_touch_only_what_they_name(deployment, dead):
    deployment.put(*(b"nonsense %d" % number for number in range(40)))
    ids = [letter["id"] for letter in listed(dead, 40)]
    parts = ids[:10], ids[10:20]
    failures = []

    def work(*arguments):
        try:
            dead(*arguments)
        except AssertionError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=("drop", *part)) for part in parts]
    threads += [threading.Thread(target=work, args=("list",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [letter["id"] for letter in letters(dead)] == ids[20:]


def test_letters_of_another_tool_are_listed_up_to_a_bound_and_removed(deployment, dead):
    bodies = [b"letter %d" % number for number in range(1001)]
    # Where no letter was ever set aside, there may be no topic yet.
    deployment.put(b"nonsense")
    [letter] = listed(dead, 1)
    dead("drop", letter["id"])
    deployment.put_letters(*bodies)
    found, note = dead("list", "--json")
    found = [json.loads(line) for line in found.splitlines()]
    assert len({letter["id"] for letter in found}) == 1000
    assert "there are more" in note
    assert found[0]["reason"] == "" and "setAsideAt" not in found[0]
    dead("drop", *(letter["id"] for letter in found))
    assert len(letters(dead)) == 1


def test_a_projector_without_a_channel_says_so(executable, shared):
    for arguments in ["list"], ["show", "x"], ["drop", "x"], ["retry", "--all", "--subscription=balance"]:
        done = ask(executable, shared[0], *arguments)
        assert done.returncode == 1
        assert "the projector's source is log, which has no dead letters" in done.stderr.decode()
