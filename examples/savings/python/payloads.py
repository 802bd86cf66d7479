"""The records of savings.avsc as payloads: Avro's single-object encoding, under `avro/` and the record's name.

A record is a pair of its name and its fields: `("CashDeposited", {"amount": 500})`.
"""

import io
import json
from pathlib import Path

import fastavro
from fastavro.schema import expand_schema, fingerprint, parse_schema, to_parsing_canonical_form

NAMESPACE = "savings"
# Each record with the definitions of those within.
SCHEMAS = {each["name"].removeprefix(f"{NAMESPACE}."): each for each in expand_schema(
    parse_schema(json.loads(Path(__file__).with_name("savings.avsc").read_text())))}
MARKS = {
    name: b"\xc3\x01" + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
    for name, schema in SCHEMAS.items()}


def pack(record):
    """The type and the bytes of a record."""
    name, fields = record
    datum = io.BytesIO(MARKS[name])
    datum.seek(len(MARKS[name]))
    fastavro.schemaless_writer(datum, SCHEMAS[name], fields)
    return f"avro/{NAMESPACE}.{name}", datum.getvalue()


def unpack(kind, value):
    """The record of a payload. Raises `LookupError` for one that is not of this schema."""
    name = kind.removeprefix(f"avro/{NAMESPACE}.")
    if name not in MARKS or not value.startswith(MARKS[name]):
        raise LookupError(f"there is no such {kind} in {NAMESPACE}")
    return name, fastavro.schemaless_reader(io.BytesIO(value[len(MARKS[name]):]), SCHEMAS[name], None)
