"""Measures what a domain's schema costs each event, beside fastavro, whose reader is compiled C."""

import io
import re
import subprocess
import time

import fastavro

from subject import RELEASE

SECONDS = 3

#: As `schema-bench` has them.
SCHEMA = fastavro.parse_schema({"type": "record", "name": "shop.Placed", "fields": [
    {"name": "customer", "type": "string"}, {"name": "paid", "type": "boolean"},
    {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "shop.Line", "fields": [
        {"name": "product", "type": "string"}, {"name": "quantity", "type": "int"},
        {"name": "price", "type": "long"}, {"name": "note", "type": ["null", "string"], "default": None}]}}}]})
ORDER = {"customer": "0190163d-8694", "paid": True, "lines": [
    {"product": f"product-{number}-0190163d", "quantity": number + 1, "price": 1999, "note": "gift"}
    for number in range(10)]}


def measure_schemas(subject):
    """One event of ten lines, on one thread: checked here, read there."""
    output = subprocess.run([RELEASE / "schema-bench", str(SECONDS)], check=True, capture_output=True, text=True).stdout
    rates = {kind: float(rate) for kind, rate in re.findall(r"^(avro|json) +\d+ +(\d+)$", output, re.MULTILINE)}
    subject.note("Schema, an event in Avro: checks/s on one thread", rates["avro"])
    subject.note("Schema, an event in Avro: checks/s on one thread", reads_per_second(), "fastavro")
    subject.note("Schema, an event in JSON: checks/s on one thread", rates["json"])


def reads_per_second():
    """Reading is the least that a check does."""
    written = io.BytesIO()
    fastavro.schemaless_writer(written, SCHEMA, ORDER)
    count, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for _ in range(1000):
            written.seek(0)
            fastavro.schemaless_reader(written, SCHEMA)
        count += 1000
    return count / (time.process_time() - began)
