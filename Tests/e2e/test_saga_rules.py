"""Sagas whose logic is a file of rules: what is told before they run, and what parks them."""

import json
import subprocess

import pytest
from client import Client, eventually, new_root
from evented import evented_pb2 as evented
from outrider.v1 import parked_pb2, sagas_pb2
from sidecar import DidNotStart
from test_schemas import DEPOSIT, DEPOSITED, avro, command, record

#: A newer `Deposited`, whose events of before need the version that wrote them.
LONGER = record("Deposited", amount="long", note=("string", "none"))
BONUS = """
rules:
  - on: Deposited
    where: {amount: {over: 100}}
    send: Deposit
    to: bank/bonus-{$root}
    with: {amount: "{$sequence}"}
"""


@pytest.fixture
def logic(logic_process):
    """Answers a deposit with what was deposited."""
    def answer(request, context):
        made = evented.EventBook(cover=request.command.cover)
        for page in request.command.pages:
            kind, value = avro(DEPOSITED, amount=amount(page.command))
            made.pages.add().Event.MergeFrom(type(page.command)(type_url=kind, value=value))
        return made

    logic_process.reset()
    logic_process.answer = answer
    return logic_process


def amount(payload):
    """Of a deposit in Avro: the only field, which is a number of variable length."""
    number = shift = 0
    for byte in payload.value[10:]:
        number |= (byte & 0x7F) << shift
        shift += 7
    return number >> 1 ^ -(number & 1)


@pytest.fixture
def configure(tmp_path, logic):
    """Writes the configuration of a bank with a schema, and rules for its saga."""
    def configure(rules=BONUS, schemas="", settings="tries: 2, retry-time: 100ms"):
        (tmp_path / "bank.avsc").write_text(json.dumps([DEPOSIT, DEPOSITED]))
        (tmp_path / "newer.avsc").write_text(json.dumps([DEPOSIT, LONGER]))
        (tmp_path / "rules.yaml").write_text(schemas + rules)
        config = tmp_path / "bank.yaml"
        config.write_text(f"""
domains:
  - {{name: bank, logic: {{address: "{logic.address}"}}, schema: {{file: {tmp_path}/bank.avsc}}}}
sagas:
  - {{name: bonus, key: root, domains: [bank], rules: {tmp_path}/rules.yaml, {settings}}}
""")
        return config

    return configure


def deposit(client, root, amount):
    client.handle(command(root, *avro(DEPOSIT, amount=amount)))


def amounts(client, root):
    return [amount(page.Event) for page in client.events(root)]


def bonus(client, root):
    """What came of the rule for an account."""
    (found,) = [each for each in client.roots() if each != root]
    return amounts(client, found)


def test_only_events_that_fit_lead_to_commands(start, configure):
    client, root = Client(start(config=configure())), new_root()
    for each in [100, 500, 1, 101]:
        deposit(client, root, each)
    assert eventually(lambda: len(client.roots()) == 2 and len(bonus(client, root)) == 2 and bonus(client, root)) == [1, 3]
    shown = eventually(lambda: client.sagas.List(sagas_pb2.ListSagaInstancesRequest(), timeout=10).instances)
    assert [each.saga for each in shown] == ["bonus"]


@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
def test_events_of_another_version_of_the_schema_are_read_by_that_version(start, configure, tmp_path, apart):
    """The rules are for a version that the command-handler does not know yet."""
    newer = BONUS.replace("over: 100}", "over: 100}, note: none")
    config, root = configure(newer, f"schemas: {{bank: {tmp_path}/newer.avsc}}\n"), new_root()
    if apart:
        handler, reader = (start(config=config, role=role) for role in ["command-handler", "query-handler"])
        client = Client(handler)
        client.query = Client(reader).query
        start(config=config, role="saga",
              options=[f"--command-handler={handler.addresses['command-handler']}"])
    else:
        client = Client(start(config=config))
    deposit(client, root, 500)
    eventually(lambda: len(client.roots()) == 2)
    assert bonus(client, root) == [0]


def test_event_that_a_rule_cannot_use_parks_its_instance_alone(start, configure):
    fails = BONUS.replace("bank/bonus-{$root}", '"{$entity}/bonus"')
    client, root = Client(start(config=configure(fails))), new_root()
    deposit(client, root, 500)
    (parked,) = eventually(lambda: client.parked_instances.List(
        parked_pb2.ListParkedRequest(domain="$saga.bonus"), timeout=10).parked)
    assert "rules[0] of" in parked.reason and "{$entity} has no value" in parked.reason
    assert "event 0 of bank/" in parked.reason


def test_every_mistake_is_told_at_the_start_and_by_config_check(executable, start, configure):
    config = configure(BONUS.replace("over: 100", "over: much").replace("send: Deposit", "send: Depsit"))
    told = ['rules[0].where.amount', ':4): "much" is here', "rules[0].send", "did you mean Deposit?"]
    checked = subprocess.run([executable, "config", "check", config], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 78 and all(each in checked.stderr for each in told), checked.stderr
    with pytest.raises(DidNotStart) as failure:
        start(config=config)
    assert all(each in str(failure.value) for each in told)
    right = subprocess.run([executable, "config", "check", configure()], timeout=30, capture_output=True)
    assert right.returncode == 0


@pytest.mark.parametrize("settings, status, told", [
    ("rules: none.yaml", 66, '"none.yaml" cannot be read: No such file'),
    ("rules: r.yaml, style: evented", 78, "leave out style"),
    ("rules: r.yaml, logic: {address: 127.0.0.1:1}", 78, "leave out logic, or rules"),
])
def test_rules_that_cannot_be_used_are_told(executable, tmp_path, settings, status, told):
    config = tmp_path / "outrider.yaml"
    config.write_text(f"sagas: [{{name: bonus, {settings}}}]")
    checked = subprocess.run([executable, "config", "check", config], capture_output=True, text=True, timeout=30)
    assert checked.returncode == status and told in checked.stderr


def test_rules_are_tried_without_a_sidecar(executable, configure):
    def tried(content, *options):
        done = subprocess.run([executable, "saga", "try", "bonus", "Deposited", f"--config={configure()}", *options],
                              input=content, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr

    status, said = tried('{"amount": 101}', "--json", "--root=ann")
    shown = json.loads(said)
    assert status == 0 and (shown["domain"], shown["type"], shown["payload"]) == ("bank", "bank.Deposit", {"amount": 0})
    assert tried('{"amount": 100}') == (0, "nothing is sent\n")
    status, said = tried('{"amount": "much"}')
    assert status == 65 and "amount: expected long" in said
