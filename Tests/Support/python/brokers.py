"""Brokers that their user owns, so that they can be crashed, or be started with options."""

import http.client
import os
import subprocess
from pathlib import Path

import pika

TOP = Path(__file__).resolve().parents[3]
#: What every process of a broker has in its environment, with its directory.
MARK = b"OUTRIDER_BROKER_DIRECTORY="


class Broker:
    script = None

    def __init__(self, directory):
        self.directory = Path(directory)

    @classmethod
    def run(cls, *arguments, **environment):
        """Runs the script to its end."""
        return subprocess.run(
            [cls.script, *map(str, arguments)], env=os.environ | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def do(self, verb, *arguments):
        done = self.run(verb, self.directory, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, *options):
        self.uris = self.do("start", *options).split()
        return self

    def stop(self):
        self.do("stop")

    def kill(self):
        self.do("kill")

    @property
    def uri(self):
        return self.uris[0]


class RabbitMQ(Broker):
    script = TOP / "devops/rabbitmq/broker.sh"

    def ctl(self, *arguments):
        return self.do("ctl", *arguments)

    def channel(self, uri=None):
        """One that confirms what it publishes, on a connection of its own."""
        channel = pika.BlockingConnection(pika.URLParameters(uri or self.uri)).channel()
        channel.confirm_delivery()
        return channel


class Kafka(Broker):
    script = TOP / "devops/kafka/broker.sh"

    def create_topic(self, name, partitions):
        self.do("topic", "create", name, "--partitions", partitions)


class Consul(Broker):
    script = TOP / "devops/consul/agent.sh"

    def put(self, key, value, token=""):
        self._ask("PUT", key, value.encode(), token)

    def delete(self, key):
        self._ask("DELETE", key)

    def _ask(self, method, key, value=None, token=""):
        agent = http.client.HTTPConnection(self.uri, timeout=10)
        agent.request(method, f"/v1/kv/{key}", value, {"x-consul-token": token})
        answer = agent.getresponse()
        assert (answer.status, answer.read().strip()) == (200, b"true")
        agent.close()

    def config(self, key, scheme="consul", server=0):
        """What --config says of a key."""
        return f"{scheme}://{self.uris[server]}/{key}"


class KafkaMock:
    """librdkafka's mock cluster, which fails on command. See devops/kafka/mock.c."""

    def __init__(self, brokers=1):
        self.process = subprocess.Popen(
            [TOP / "devops/kafka/mock.sh", str(brokers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.uri = self.process.stdout.readline().strip()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", f"{command}: {answer}"

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def running(directory):
    """The processes of brokers in this directory, or below it."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as environment:
                if MARK + os.fsencode(os.path.realpath(directory)) in environment.read():
                    found.append(int(name))
        except OSError:  # ended meanwhile, or another user's
            pass
    return found
