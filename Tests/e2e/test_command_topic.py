"""Commands through a Kafka topic: gateways publish, command-handlers of their domains take them, each once."""

import json
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from brokers import Kafka
from client import Client, commands, eventually, new_root, payloads, told
from confluent_kafka import Consumer, Producer
from evented import evented_pb2 as evented
from listening import free_address
from logic import Logic
from rest import BYTES, Rest, aggregate, bytes_value
from sidecar import TOP

PATIENCE = 60  # seconds, for a broker to come back and all that hangs on it
TOPIC = "kf-evento-commands"
EVENTS = "kf-evento-events"
BOOK = [("content-type", b"application/protobuf"), ("outrider-message", b"evented.CommandBook")]
JSON = [("content-type", b"application/json")]


class Deployment:
    """A gateway and a command-handler, each a process of its own, with a broker between them."""

    def __init__(self, start, logic, tmp_path, *broker_options, more=()):
        self.start_one, self.logic, self.more = start, logic, more
        self.broker = Kafka(tmp_path / "kafka").start(*broker_options)
        self.channel = f"kafka://{self.broker.uri}?topic={{domain}}-events,{EVENTS}"
        self.at = free_address()
        self.handler = self.start_handler()
        self.gateway = self.start_gateway()
        self.rest = Rest(self.gateway)

    def options(self):
        return [f"--channel={self.channel}", f"--command-topic={TOPIC}"]

    def start_handler(self):
        self.handler = self.start_one(
            role="command-handler", address=self.logic.address,
            options=[*self.options(), *self.more, f"--port-command-handler={self.at.rpartition(':')[2]}"])
        return self.handler

    def start_gateway(self):
        return self.start_one(role="gateway", options=[*self.options(), f"--command-handler={self.at}"])

    def begin(self):
        """Comes back when the command-handler takes commands: this broker forgets no member that leaves while it joins."""
        answer = self.rest("POST", "/v1/commands", envelope("first", "first", "first"), Prefer="wait=15")
        assert answer.status == 200 and answer.json["end"] == "APPENDED"

    def publish(self, *messages):
        """Each of them (key, value, headers)."""
        producer = Producer({"bootstrap.servers": self.broker.uri})
        for key, value, headers in messages:
            producer.produce(TOPIC, value, key, headers=headers)
        assert producer.flush(PATIENCE) == 0

    def books(self, topic, count):
        """As many event books of a topic as there must be."""
        consumer = Consumer({
            "bootstrap.servers": self.broker.uri, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest",
            "session.timeout.ms": 6000})
        consumer.subscribe([topic])
        found = []

        def take():
            message = consumer.poll(0.5)
            if message and not message.error():
                found.append((message.key(), evented.EventBook.FromString(message.value())))
            return len(found) >= count

        eventually(take, PATIENCE)
        consumer.close()
        return found

    def dead(self, *words):
        return subprocess.run(
            [self.handler.command[0], "dead", *words, "--address", self.at], capture_output=True, text=True, timeout=60)

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.handler.addresses['metrics']}/metrics", timeout=10) as page:
            return page.read().decode()

    def letters(self, count):
        """The dead letters, as soon as there are so many."""
        def look():
            lines = [json.loads(line) for line in self.dead("list", "--json").stdout.splitlines()]
            return lines if len(lines) >= count else None

        return eventually(look, PATIENCE)


@pytest.fixture
def logic():
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def deploy(start, logic, tmp_path):
    deployments = []

    def deploy(*broker_options, more=()):
        deployments.append(Deployment(start, logic, tmp_path, *broker_options, more=more))
        return deployments[-1]

    yield deploy
    for deployment in deployments:
        deployment.broker.kill()


def dispatched(rest, root, text, key, **headers):
    return rest(
        "POST", aggregate(root) + "/commands", bytes_value(text), Prefer="respond-async", Idempotency_Key=key, **headers)


def envelope(root, text, id, domain="bank"):
    return {"entity": f"{domain}:{root}", "command_type": BYTES, "payload": bytes_value(text)["payload"], "id": id}


def wire(root, text, id=""):
    return commands(root, text.encode(), command_id=id).SerializeToString()


def test_a_command_goes_through_the_topic_and_its_events_to_every_topic(deploy):
    deployment = deploy("--memory")
    root = new_root()
    answer = dispatched(deployment.rest, uuid.UUID(bytes=root), "a", "one")
    assert answer.status == 202 and answer.json["commandId"] == "one"
    end = deployment.rest("GET", answer.headers["Location"] + "?wait=15s")
    assert (end.status, end.json["end"]) == (200, "APPENDED")
    # The same again changes nothing.
    assert dispatched(deployment.rest, uuid.UUID(bytes=root), "a", "one").status == 202
    consumer = Consumer({"bootstrap.servers": deployment.broker.uri, "group.id": "look", "auto.offset.reset": "earliest",
                         "session.timeout.ms": 6000})
    consumer.subscribe([TOPIC])
    seen = [eventually(lambda: (got := consumer.poll(1)) and not got.error() and got, PATIENCE) for _ in range(2)]
    consumer.close()
    for message in seen:
        assert message.key() == root
        assert evented.CommandBook.FromString(message.value()).command_id == "one"
        assert dict(message.headers())["content-type"] == b"application/protobuf"
    for topic in ("bank-events", EVENTS):
        (key, book), = deployment.books(topic, 1)
        assert key == root and payloads(book.pages) == [b"a"]


def test_envelopes_go_through_the_topic_and_may_be_waited_for(deploy):
    deployment = deploy("--memory")
    answer = deployment.rest("POST", "/v1/commands", [envelope("ann", "a", "a"), envelope("ben", "b", "b")], Prefer="wait=15")
    assert answer.status == 200
    assert [each["end"] for each in answer.json] == ["APPENDED", "APPENDED"]


def test_a_command_that_is_on_its_way_says_when_to_look_again(deploy):
    deployment = deploy("--memory")
    deployment.begin()
    deployment.handler.stop()
    assert dispatched(deployment.rest, "ann", "a", "one").status == 202
    deployment.start_handler()
    unknown = deployment.rest("GET", aggregate("ann") + "/commands/other")
    assert unknown.status == 404 and unknown.headers["Retry-After"] == "1"
    assert "on its way" in unknown.json["detail"]
    end = deployment.rest("GET", aggregate("ann") + "/commands/one?wait=15s")
    assert (end.status, end.json["end"]) == (200, "APPENDED")


def test_a_broker_that_is_away_is_a_problem_503_and_passes(deploy):
    deployment = deploy()
    root = uuid.uuid4()
    assert dispatched(deployment.rest, root, "a", "one").status == 202
    deployment.broker.kill()
    answer = dispatched(deployment.rest, root, "b", "two")
    assert answer.status == 503 and answer.headers["Retry-After"]
    assert (answer.json["code"], "Kafka at" in answer.json["detail"]) == ("UNAVAILABLE", True)
    # Ordinary commands need no broker.
    assert deployment.rest("POST", aggregate(root) + "/commands", bytes_value("c")).status == 200
    deployment.broker.start()
    eventually(lambda: dispatched(deployment.rest, root, "b", "two").status == 202, PATIENCE)
    end = deployment.rest("GET", aggregate(root) + "/commands/two?wait=15s")
    assert end.json["end"] == "APPENDED"


def test_a_bad_command_is_refused_before_it_is_published(deploy):
    deployment = deploy("--memory")
    for root, key, domain in (("ann", "$x", "bank"), ("ann", "x" * 251, "bank"), ("ann", "x", "$commands.bank")):
        answer = deployment.rest(
            "POST", aggregate(root, domain) + "/commands", bytes_value("a"), Prefer="respond-async", Idempotency_Key=key)
        assert answer.status == 400, answer.json


def test_foreign_producers_command_and_what_is_no_command_is_set_aside(deploy):
    deployment = deploy("--memory", more=["--metrics-listen=127.0.0.1:0"])
    root, name = new_root(), str(uuid.uuid4())
    deployment.publish(
        (root, wire(root, "a", "a"), BOOK), (root, wire(root, "b"), BOOK),
        (name.encode(), json.dumps(envelope(name, "c", "c")).encode(), JSON),
        (b"k", json.dumps(envelope(name, "d", "d", domain="elsewhere")).encode(), JSON),  # another's
        (b"k", b"nonsense", BOOK), (b"k", b"{", JSON), (b"k", wire(root, "e", "$e"), BOOK),
        (b"k", wire(root, "f", "f"), []), (b"k", wire(root, "g", "g"), BOOK[:1]), (None, None, []))
    reader = Client(deployment.start_one(role="query-handler"))
    eventually(lambda: sorted(payloads_of(reader, root)) == [b"a", b"b"], PATIENCE)
    eventually(lambda: payloads_of(reader, uuid.UUID(name).bytes) == [b"c"], PATIENCE)
    letters = deployment.letters(6)
    assert {letter["subscription"] for letter in letters} == {"commands"} and len(letters) == 6
    reasons = " ".join(letter["reason"] for letter in letters)
    for part in ("content-type is missing", "outrider-message", "not begin with $", "the body is"):
        assert part in reasons
    told(deployment.handler, "dead letter")
    intake = f'subscription="$intake/kafka:{TOPIC}",domain="$commands.bank",partition="0"'
    metrics = deployment.metrics()
    assert f"outrider_subscription_set_aside_total{{{intake}}} 6" in metrics
    assert f"outrider_subscription_dead_letters{{{intake}}} 6" in metrics
    for result, count in ("stored", 3), ("repeated", 0), ("set-aside", 6), ("passed-over", 1):
        assert f'outrider_subscription_commands_taken_total{{{intake},result="{result}"}} {count}' in metrics
    assert f"outrider_subscription_active{{{intake}}} 1" in metrics
    assert f"outrider_subscription_position{{{intake}}}" not in metrics
    assert f'consumed_messages_total{{messaging_system="kafka",messaging_destination_name="{TOPIC}"' in metrics
    status = subprocess.run(
        [deployment.handler.command[0], "status", "--address", deployment.at], capture_output=True, text=True, timeout=30)
    assert "6 messages that could not be taken wait among the dead letters" in status.stdout + status.stderr
    # A retry of one that is still none comes back; the others can be dropped.
    assert deployment.dead("retry", letters[0]["id"]).returncode == 0
    again = eventually(lambda: [
        each for each in deployment.letters(6) if each["id"] not in {letter["id"] for letter in letters}], PATIENCE)
    assert len(again) == 1
    assert deployment.dead("drop", "--all", "--subscription", "commands").returncode == 0
    assert "no dead letters" in deployment.dead("list").stderr
    eventually(lambda: f"outrider_subscription_dead_letters{{{intake}}} 0" in deployment.metrics(), PATIENCE)


def test_an_envelope_is_read_by_the_domains_schema(deploy, logic, tmp_path):
    """From the first start on, which registers the schema while the command waits in the topic."""
    schema = tmp_path / "bank.avsc"
    schema.write_text(json.dumps([{
        "type": "record", "name": "Deposit", "namespace": "bank", "fields": [{"name": "amount", "type": "long"}]}]))
    logic.answer = lambda request, context: evented.EventBook(cover=request.command.cover)
    deployment = deploy("--memory", more=[f"--schema={schema}"])
    deposit = {"entity": "bank:ann", "command_type": "Deposit", "payload": {"amount": 5}, "id": "good"}
    bad = deposit | {"payload": {"amount": "much"}, "id": "bad"}
    deployment.publish((b"ann", json.dumps(bad).encode(), JSON), (b"ann", json.dumps(deposit).encode(), JSON))
    end = deployment.rest("GET", aggregate("ann") + "/commands/good?wait=15s")
    assert end.json["end"] == "NOTHING_TO_DO"
    assert logic.requests[0].command.pages[0].command.type_url == "avro/bank.Deposit"
    assert [letter for letter in deployment.letters(1) if "amount" not in letter["reason"]] == []


def test_the_example_commands(deploy):
    deployment = deploy("--memory")
    done = subprocess.run(
        [sys.executable, TOP / "examples/channels/kafka_commands.py", deployment.broker.uri, "bank:ann", BYTES,
         json.dumps(bytes_value("a")["payload"])], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    end = deployment.rest("GET", f"{aggregate('ann')}/commands/{done.stdout.strip()}?wait=15s")
    assert (end.status, end.json["end"]) == (200, "APPENDED")


def payloads_of(reader, root):
    return [payload for book in reader.books(root) for payload in payloads(book.pages)]


def test_command_handlers_of_two_domains_share_the_topic(deploy, start, logic, tmp_path):
    deployment = deploy("--memory")
    other = start(
        role="command-handler", domain="shop", address=logic.address, data=tmp_path / "shop", options=deployment.options())
    rest = Rest(start(role="gateway", options=[*deployment.options(), f"--command-handler={other.addresses['command-handler']}"]))
    answer = rest("POST", "/v1/commands", [envelope("ann", "a", "a"), envelope("ann", "b", "b", domain="shop")])
    assert answer.status == 202
    end = deployment.rest("GET", aggregate("ann") + "/commands/a?wait=15s")
    assert end.json["end"] == "APPENDED"
    end = rest("GET", aggregate("ann", "shop") + "/commands/b?wait=15s")
    assert end.json["end"] == "APPENDED"
    for sidecar in (deployment.handler, other):
        assert "dead letter" not in sidecar.text


def test_a_command_handler_names_the_domains_that_it_takes(executable, tmp_path):
    done = subprocess.run(
        [executable, "command-handler", f"--store=sqlite:{tmp_path}", "--channel=kafka://127.0.0.1:1", f"--command-topic={TOPIC}"],
        capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "name them by domain" in done.stderr
    done = subprocess.run(
        [executable, "gateway", "--channel=amqp://127.0.0.1:1", f"--command-topic={TOPIC}"],
        capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "command.topic" in done.stderr and "Kafka" in done.stderr


def test_every_command_ends_once_and_in_order_though_all_are_killed(deploy):
    """2,000 commands for 40 aggregates, while the command-handler is killed and the broker with it."""
    deployment = deploy()
    deployment.begin()
    roots, each = [uuid.uuid4() for _ in range(40)], 50
    published = threading.Semaphore(0)

    def publish(some):
        rest = Rest(deployment.gateway)
        for number in range(each):
            for root in some:
                eventually(lambda: dispatched(rest, root, f"{number}", f"{root}-{number}").status == 202, PATIENCE)
                published.release()

    def wait_for(count):
        for _ in range(count):
            assert published.acquire(timeout=PATIENCE)

    with ThreadPoolExecutor() as pool:
        publishing = [pool.submit(publish, roots[part::10]) for part in range(10)]
        wait_for(400)
        deployment.handler.kill()
        deployment.start_handler()
        wait_for(400)
        deployment.broker.kill()
        deployment.broker.start()
        wait_for(400)
        deployment.handler.kill()
        deployment.start_handler()
        for work in publishing:
            work.result()
    reader = Client(deployment.start_one(role="query-handler"))
    expected = [b"%d" % number for number in range(each)]
    for root in roots:
        eventually(lambda: len(payloads_of(reader, root.bytes)) >= each, PATIENCE)
        assert payloads_of(reader, root.bytes) == expected
    ends = defaultdict(int)
    for root in roots:
        for number in range(each):
            ends[deployment.rest("GET", f"{aggregate(root)}/commands/{root}-{number}").json["end"]] += 1
    assert ends == {"APPENDED": 2000}
    assert deployment.dead("list").stdout == ""


