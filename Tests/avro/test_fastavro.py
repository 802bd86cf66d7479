"""Our codec and fastavro's: the same bytes, fingerprints and resolutions for random schemas and values."""
import base64
import io
import json
import math
import random
import subprocess

import fastavro
import pytest
from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form
from schemas import Schemas, Values, evolved

ROUNDS = 300


@pytest.fixture
def ask(avro_peer):
    """Sends all questions, and returns all answers."""
    def all_of(questions):
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        done = subprocess.run([avro_peer], input=lines, capture_output=True, text=True, encoding="utf-8", timeout=300,
                              check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]
    return all_of


def written(schema, value):
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parse_schema(json.loads(json.dumps(schema))), value)
    return buffer.getvalue()


def read(content, schema, reader=None):
    schemas = [parse_schema(json.loads(json.dumps(each))) for each in (schema, reader) if each is not None]
    return fastavro.schemaless_reader(io.BytesIO(content), *schemas, *([None] * (2 - len(schemas))),
                                      return_record_name=True, return_named_type=True)


def same(one, other):
    """Numbers that were widened to a float are exact in fastavro, which keeps Python's own."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (int, float)) and not isinstance(one, bool):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other


def base64_of(content):
    return base64.b64encode(content).decode()


def samples(seed):
    source = random.Random(seed)
    for _ in range(ROUNDS):
        schema = Schemas(source).record()
        value, wrapped = Values(source, schema).value(schema)
        yield schema, f"peer.{schema['name']}", value, wrapped


def test_both_write_the_same_bytes_and_fingerprints(ask, seed):
    cases = list(samples(seed))
    answers = ask({"schema": schema, "type": name, "json": wrapped} for schema, name, _, wrapped in cases)
    for (schema, _, value, wrapped), answer in zip(cases, answers, strict=True):
        place = f"seed {seed}: {json.dumps(schema)}, {json.dumps(wrapped)}: {answer}"
        assert answer.get("bytes") == base64_of(written(schema, value)), place
        ours = bytes.fromhex(answer["fingerprint"])[::-1].hex()
        assert ours == fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"), place


def test_what_fastavro_wrote_is_shown_and_read_back(ask, seed):
    cases = list(samples(seed))
    shown = ask({"schema": schema, "type": name, "bytes": base64_of(written(schema, value))}
                for schema, name, value, _ in cases)
    again = ask({"schema": schema, "type": name, "json": answer.get("json")}
                for (schema, name, _, _), answer in zip(cases, shown, strict=True))
    for (schema, _, value, _), first, second in zip(cases, shown, again, strict=True):
        assert second.get("bytes") == base64_of(written(schema, value)), f"seed {seed}: {schema}, {first}, {second}"


def test_old_data_are_the_same_under_a_newer_schema(ask, seed):
    source = random.Random(seed)
    cases = [(schema, evolved(source, schema), name, value) for schema, name, value, _ in samples(seed)]
    shown = ask({"schema": schema, "reader": reader, "type": name, "bytes": base64_of(written(schema, value))}
                for schema, reader, name, value in cases)
    again = ask({"schema": reader, "type": name, "json": answer.get("json")}
                for (_, reader, name, _), answer in zip(cases, shown, strict=True))
    for (schema, reader, _, value), first, second in zip(cases, shown, again, strict=True):
        place = f"seed {seed}: {json.dumps(schema)}, {json.dumps(reader)}, {first}, {second}"
        # As values, since those of fastavro do not tell an int of a union from a long.
        wanted = read(written(schema, value), schema, reader)
        assert first.get("isCompatible") is True, place
        assert "bytes" in second, place
        assert same(read(base64.b64decode(second["bytes"]), reader), wanted), place


def test_damaged_data_and_schemas_are_read_or_refused(ask, seed):
    source = random.Random(seed)
    questions = []
    for schema, name, value, wrapped in samples(seed):
        content = bytearray(written(schema, value))
        text = json.dumps(wrapped)
        for _ in range(10):
            damaged = content[:source.randint(0, len(content))] + source.randbytes(source.randint(0, 3))
            questions.append({"schema": schema, "type": name, "bytes": base64_of(bytes(damaged))})
            cut = source.randint(0, len(text))
            questions.append({"schema": schema, "type": name, "json": text[:cut]})
        questions.append({"schema": json.loads(json.dumps(schema).replace("string", "int", 1)), "type": name,
                          "json": wrapped})
    answers = ask(questions)
    assert len(answers) == len(questions)
    # Whatever is taken is shown in a form that can be read again.
    shown = [(question, answer["json"]) for question, answer in zip(questions, answers, strict=True)
             if "json" in answer]
    again = ask({"schema": question["schema"], "type": question["type"], "json": value} for question, value in shown)
    assert shown and all("bytes" in answer for answer in again), f"seed {seed}"
