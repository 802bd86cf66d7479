"""Measures the relay, with confirms, beside each broker's client library alone with the same window and messages."""

import os
import re
import subprocess

from subject import RELEASE


def measure_channel(subject):
    brokers = {
        "RabbitMQ": os.environ["OUTRIDER_TEST_RABBITMQ_URI"], "Kafka": f"kafka://{os.environ['OUTRIDER_TEST_KAFKA']}"}
    for broker, uri in brokers.items():
        output = subprocess.run(
            [RELEASE / "channel-bench", uri, "50000"], check=True, capture_output=True, text=True)
        for line in output.stdout.splitlines():
            if row := re.match(r"(relay|librabbitmq|librdkafka)(, bodies alone)? +(\d+) +([\d.]+)", line):
                who, what = "Outrider" if row[1] == "relay" else row[1], row[2] or ""
                subject.note(f"{broker}, published and confirmed{what}: commits/s", float(row[3]), who)
                subject.note(f"{broker}, publisher's CPU{what}, µs each", float(row[4]), who)
