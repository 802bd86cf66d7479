"""Schemas of a domain's payloads: registered at the start, asked before anything is stored, shown by the commands."""

import io
import json
import os
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

import bank_pb2
import fastavro
import grpc
import pytest
from client import Client, Status, commands, eventually, facts, new_root, refused
from ending import end
from engine import Engine
from evented import evented_pb2 as evented
from eventuate import Entities
from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form
from outrider.v1 import commands_pb2, commands_pb2_grpc, entity_pb2, schemas_pb2, schemas_pb2_grpc
from sidecar import TOP, DidNotStart


def record(name, **fields):
    """A record of namespace `bank`; a field is a type, or a pair of a type and a default."""
    made = []
    for field, type in fields.items():
        type, *default = type if isinstance(type, tuple) else (type,)
        made.append({"name": field, "type": type} | ({"default": default[0]} if default else {}))
    return {"type": "record", "name": name, "namespace": "bank", "fields": made}


DEPOSIT = record("Deposit", amount="long")
DEPOSITED = record("Deposited", amount="long")
#: Reads what `DEPOSITED` wrote.
NEWER = record("Deposited", amount="long", currency=("string", "EUR"))
FIRST, SECOND = [DEPOSIT, DEPOSITED], [DEPOSIT, NEWER]
#: `amount` has another type, so nothing old can be read.
BROKEN = [DEPOSIT, record("Deposited", amount="string")]


def avro(schema, **value):
    """A payload in single-object encoding: its type URL and its bytes."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, parse_schema(json.loads(json.dumps(schema))), value)
    mark = bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
    return f"avro/{schema['namespace']}.{schema['name']}", b"\xc3\x01" + mark + body.getvalue()


def command(root, type_url, value):
    book = commands(root, b"")
    book.pages[0].command.type_url, book.pages[0].command.value = type_url, value
    return book


def fact(root, type_url, value):
    book = facts(root, b"")
    book.pages[0].Event.type_url, book.pages[0].Event.value = type_url, value
    return book


def answering(type_url, value):
    """Logic that has one event, whatever it is asked."""
    def answer(request, context):
        return fact(request.command.cover.root.value, type_url, value)

    return answer


@pytest.fixture
def logic(logic_process):
    logic_process.reset()
    logic_process.answer = answering(*avro(DEPOSITED, amount=5))
    return logic_process


@pytest.fixture
def serve(start, logic, tmp_path):
    """Starts a sidecar with a schema, as a value or as a text."""
    def serve(schema, *options, **settings):
        path = tmp_path / "bank.avsc"
        path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
        return start(address=logic.address, options=[f"--schema={path}", *options], **settings)

    return serve


@pytest.fixture
def outrider(executable):
    def outrider(sidecar, *arguments, status=0, role="query-handler", input=None):
        done = subprocess.run(
            [executable, *arguments, f"--address={sidecar.addresses[role]}"], input=input, text=True,
            capture_output=True, timeout=30)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return outrider


def history(sidecar):
    """All versions; none where there is no schema yet."""
    request = schemas_pb2.SchemaHistoryRequest(domain="bank")
    stub = schemas_pb2_grpc.SchemasStub(sidecar.channel("query-handler"))
    try:
        return stub.History(request, timeout=10).versions
    except grpc.RpcError as error:
        assert error.code() == Status.NOT_FOUND, error
        return []


def test_what_fits_is_stored_and_what_does_not_is_refused_by_its_path(serve, logic):
    client, root = Client(serve(FIRST)), new_root()
    client.handle(command(root, *avro(DEPOSIT, amount=5)))
    client.handle(command(root, "json/Deposit", b'{"amount":5}'))
    client.record(fact(root, *avro(DEPOSITED, amount=6)))
    asked = len(logic.requests)
    for type_url, value, *parts in [
        ("json/Deposit", b'{"amount":"5"}', 'amount: expected long, got string "5"'),
        ("json/Deposit", b'{"sum":5}', "sum: bank.Deposit has no such field"),
        ("json/Deposit", b"{", "not valid JSON"),
        ("avro/bank.Deposit", avro(DEPOSIT, amount=5)[1][:-1], "amount: the datum is cut off"),
        ("avro/bank.Deposit", b"\xc3\x01" + bytes(8), "fingerprint 0000000000000000"),
        ("avro/bank.Deposit", b"\x0a", "c3 01"),
        ("avro/bank.Deposited", avro(DEPOSIT, amount=5)[1], "the fingerprint is that of bank.Deposit"),
        ("type.googleapis.com/bank.Deposit", b"", "must be avro/FULL.NAME or json/NAME"),
    ]:
        message = refused(lambda: client.handle(command(root, type_url, value)), Status.INVALID_ARGUMENT)
        assert "pages[0].command" in message and all(part in message for part in parts), message
    message = refused(lambda: client.record(fact(root, "json/Deposited", b"{}")), Status.INVALID_ARGUMENT)
    assert "pages[0].event: Deposited: amount: the field is missing" in message
    assert len(logic.requests) == asked and len(client.events(root)) == 3


def test_events_in_avro_are_json_to_clients_of_eventuate(serve):
    sidecar, root = serve(FIRST, "--eventuate=true"), new_root()
    Client(sidecar).handle(command(root, *avro(DEPOSIT, amount=5)))
    text = root.hex()
    found, = Entities(sidecar).find(f"{text[:16]}-{text[16:]}", type="bank").json["events"]
    assert (found["eventType"], json.loads(found["eventData"])) == ("bank.Deposited", {"amount": 5})


def test_an_event_of_the_logic_that_fits_no_schema_is_its_defect(serve, logic):
    client, root = Client(serve(FIRST)), new_root()
    logic.answer = answering("avro/bank.Deposited", avro(DEPOSITED, amount=5)[1] + b"x")
    message = refused(lambda: client.handle(command(root, *avro(DEPOSIT, amount=5))), Status.INTERNAL)
    assert "pages[0].event: bank.Deposited: 1 bytes follow the datum" in message
    assert client.events(root) == []


def test_functions_are_held_to_the_schema_before_their_events_are_folded(serve, logic):
    client, root = Client(serve(FIRST, "--style=functions")), new_root()
    client.handle(command(root, *avro(DEPOSIT, amount=5)))
    folds = len(logic.folds)
    logic.decide = lambda request, context: entity_pb2.HandleResponse(
        pages=fact(root, "json/Deposited", b'{"amount":true}').pages)
    message = refused(lambda: client.handle(command(root, *avro(DEPOSIT, amount=5))), Status.INTERNAL)
    assert "pages[0].event: Deposited: amount: expected long, got true" in message
    assert len(client.events(root)) == 1 and len(logic.folds) == folds


def test_a_dispatched_command_is_checked_before_it_is_stored(serve):
    sidecar, root = serve(FIRST), new_root()
    stub = commands_pb2_grpc.CommandsStub(sidecar.channel("command-handler"))

    def dispatch(type_url, value):
        return stub.Dispatch(
            commands_pb2.DispatchRequest(command=command(root, type_url, value)), timeout=10)

    message = refused(lambda: dispatch("json/Deposit", b"{}"), Status.INVALID_ARGUMENT)
    assert "command.pages[0].command: Deposit: amount: the field is missing" in message
    dispatch(*avro(DEPOSIT, amount=5))
    eventually(lambda: len(Client(sidecar).events(root)) == 1)


@pytest.mark.parametrize("schema, place", [
    ('[\n{"type":"record",\n"name" "x"}]', "line 3"),
    (json.dumps(record("R", amount="Money")), "bank.R.amount: there is no type bank.Money"),
    ('"int"', "has no record"),
    ("some text", "neither an Avro schema nor a descriptor set"),
])
def test_what_is_no_schema_does_not_start(serve, schema, place):
    with pytest.raises(DidNotStart) as failure:
        serve(schema)
    assert place in str(failure.value) and "schema.file" in str(failure.value), failure.value


def test_a_schema_needs_a_domain(start, logic, tmp_path):
    (tmp_path / "bank.avsc").write_text(json.dumps(FIRST))
    with pytest.raises(DidNotStart) as failure:
        start(address=logic.address, domain=None, options=[f"--schema={tmp_path}/bank.avsc"])
    assert "schema.file" in str(failure.value) and "name it" in str(failure.value)


def test_an_incompatible_version_does_not_start_unless_it_is_told_to(serve, start, logic):
    first = serve(FIRST)
    Client(first).handle(command(new_root(), *avro(DEPOSIT, amount=5)))
    end(first)
    broken = serve(BROKEN)
    assert broken.process.wait(20) == 78
    broken.reader.join(10)
    for part in ["version 1", "bank.Deposited.amount: expected string, got long", "backward",
                 "outrider schema check bank", "schema.compatibility: none"]:
        assert part in broken.text, broken.text
    forced = serve(BROKEN, "--schema-compatibility=none")
    eventually(lambda: len(history(forced)) == 2)


@pytest.mark.parametrize("store", ["sqlite", "mongodb"])
def test_versions_outlive_restarts_and_are_registered_once(serve, logic, tmp_path, store):
    engine = Engine(tmp_path / "engine").start("--owner", str(os.getpid())) if store == "mongodb" else None
    try:
        where = {}
        if engine:
            server, _, options = engine.uri.partition("?")
            where["data"] = f"{server.rstrip('/')}/bank?{options}"
        first = serve(FIRST, **where)
        eventually(lambda: len(history(first)) == 1)
        end(first)
        again = serve(json.dumps(FIRST, indent=2), **where)
        Client(again).handle(command(new_root(), *avro(DEPOSIT, amount=5)))
        assert [version.number for version in history(again)] == [1]
        end(again)
        # Replicas on one machine share a SQLite file, too.
        with ThreadPoolExecutor() as pool:
            second, other = pool.map(lambda _: serve(SECOND, **where), range(2))
        eventually(lambda: len(history(second)) == 2)
        Client(other).handle(command(new_root(), *avro(DEPOSIT, amount=5)))
        versions = history(other)
        assert [version.number for version in versions] == [1, 2]
        assert {type.name for type in versions[1].types} == {"bank.Deposit", "bank.Deposited"}
        assert len({type.fingerprint for version in versions for type in version.types}) == 3
        end(second)
        end(other)
    finally:
        if engine:
            engine.kill()


def test_a_replica_learns_of_versions_that_others_register(serve, logic):
    old = serve(FIRST)
    client, root = Client(old), new_root()
    client.handle(command(root, *avro(DEPOSIT, amount=5)))
    new = serve(SECOND)
    eventually(lambda: len(history(new)) == 2)

    def stored():
        try:
            return client.record(fact(root, *avro(NEWER, amount=6, currency="USD")))
        except grpc.RpcError as error:
            assert error.code() == Status.INVALID_ARGUMENT and "fingerprint" in error.details()

    eventually(stored)
    assert len(client.events(root)) == 2


def test_old_events_are_shown_in_the_terms_of_the_new_version(serve, logic, outrider):
    first, root = serve(FIRST), new_root()
    Client(first).handle(command(root, *avro(DEPOSIT, amount=5)))
    end(first)
    logic.answer = answering(*avro(NEWER, amount=6, currency="USD"))
    second = serve(SECOND)
    name = f"bank/{root.hex()[:8]}-{root.hex()[8:12]}-{root.hex()[12:16]}-{root.hex()[16:20]}-{root.hex()[20:]}"
    sent = json.loads(outrider(
        second, "send", f"--root={name}", "--type=Deposit", "--json", role="command-handler",
        input='{"amount":6}').splitlines()[0])
    assert sent["events"][0]["type"] == "avro/bank.Deposited"
    assert sent["events"][0]["payload"] == {"amount": 6, "currency": "USD"}
    shown = [json.loads(line) for line in outrider(second, "events", name, "--json").splitlines()]
    assert [event["payload"] for event in shown] == [
        {"amount": 5, "currency": "EUR"}, {"amount": 6, "currency": "USD"}]
    assert 'bank.Deposited {"amount":5,"currency":"EUR"}' in outrider(second, "log", "bank")
    told = outrider(second, "send", f"--root={name}", "--type=Deposit", role="command-handler",
                    input='{"amount":"6"}', status=65)
    assert 'bank.Deposit: amount: expected long, got string "6"' in told


def test_check_counts_what_a_new_schema_cannot_read_and_names_the_first(serve, logic, outrider, tmp_path):
    sidecar, root = serve(FIRST), new_root()
    client = Client(sidecar)
    client.record(fact(root, *avro(DEPOSIT, amount=1)))
    for _ in range(3):
        client.handle(command(root, *avro(DEPOSIT, amount=5)))
    for name, schema in {"good": SECOND, "broken": BROKEN, "less": [DEPOSIT]}.items():
        (tmp_path / name).write_text(json.dumps(schema))
    assert "compatible\n4 events read, 0 do not decode" in outrider(sidecar, "schema", "check", "bank",
                                                                   str(tmp_path / "good"))
    told = outrider(sidecar, "schema", "check", "bank", str(tmp_path / "broken"), "--json", status=1)
    report = json.loads(told.splitlines()[0])
    assert report["compatible"] is False and report["eventsRead"] == 4
    assert report["reasons"] == ["bank.Deposited.amount: expected string, got long"]
    finding, = report["findings"]
    assert finding["type"] == "avro/bank.Deposited" and finding["count"] == 3
    assert finding["position"] == 2 and finding["sequence"] == 1
    assert "amount: expected string, got long" in finding["reason"]
    # What nobody asks for is no reason, but the events are there all the same.
    told = outrider(sidecar, "schema", "check", "bank", str(tmp_path / "less"), "--compatibility=none", status=1)
    assert "compatible" in told and "3 do not decode" in told and "position 2" in told
    (tmp_path / "none").write_text("{")
    assert "line 1" in outrider(sidecar, "schema", "check", "bank", str(tmp_path / "none"), status=65)
    assert [version.number for version in history(sidecar)] == [1]


def test_schema_is_shown_with_its_versions(serve, outrider):
    text = json.dumps(FIRST, indent=2)
    sidecar = serve(text)
    eventually(lambda: len(history(sidecar)) == 1)
    assert outrider(sidecar, "schema", "show", "bank") == text + "\n"
    assert json.loads(outrider(sidecar, "schema", "show", "bank", "--version=1", "--json"))["schema"] == FIRST
    told = outrider(sidecar, "schema", "history", "bank")
    mark = bytes.fromhex(fingerprint(to_parsing_canonical_form(DEPOSIT), "CRC-64-AVRO"))
    assert f"{struct.unpack('<Q', mark)[0]:016x}  bank.Deposit" in told and "version 1, avro, backward" in told
    assert "no version 2" in outrider(sidecar, "schema", "show", "bank", "--version=2", status=1)
    assert "not served" in outrider(sidecar, "schema", "show", "other", status=1)


def test_a_descriptor_set_is_a_schema(start, logic, outrider, tmp_path):
    descriptors = tmp_path / "bank.pb"
    subprocess.run(["protoc", f"-I{TOP}/examples/bank", "--include_imports",
                    f"--descriptor_set_out={descriptors}", "bank.proto"], check=True)
    sidecar = start(address=logic.address, options=[f"--schema={descriptors}"])
    client, root = Client(sidecar), new_root()
    prefix = "type.googleapis.com/bank."
    opened = bank_pb2.AccountOpened(owner="Ann").SerializeToString()
    logic.answer = answering(prefix + "AccountOpened", opened)
    client.handle(command(root, prefix + "OpenAccount", bank_pb2.OpenAccount(owner="Ann").SerializeToString()))
    client.handle(command(root, "json/bank.OpenAccount", b'{"owner":"Ann"}'))
    for type_url, value, part in [
        (prefix + "OpenAccount", b"\x08\x01", "owner"), (prefix + "Unknown", b"", "no message bank.Unknown"),
        ("json/bank.OpenAccount", b'{"name":"Ann"}', "name"), ("avro/bank.OpenAccount", b"", "is of protobuf")]:
        message = refused(lambda: client.handle(command(root, type_url, value)), Status.INVALID_ARGUMENT)
        assert part in message, message
    assert len(client.events(root)) == 2
    assert "bank.AccountOpened" in outrider(sidecar, "schema", "show", "bank")
    # Reflection tells of its types, too.
    assert 'bank.AccountOpened {"owner":"Ann"}' in outrider(sidecar, "log", "bank")


def test_without_a_schema_nothing_is_asked(start, logic, outrider):
    sidecar, root = start(address=logic.address), new_root()
    Client(sidecar).record(fact(root, "json/Anything", b'{"a":1}'))
    assert 'Anything {"a":1}' in outrider(sidecar, "log", "bank")
    assert "has no schema" in outrider(sidecar, "schema", "history", "bank", status=1)
