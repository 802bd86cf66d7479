"""Eventuate's REST API, with requests as its own clients send them."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from eventuate import CHANGED, OPENED, OPTIONS, TYPE, Entities, Stomp, basic, destination, event, new_type
from eventuate import entities as entities
from eventuate import sidecar as sidecar
from rest import Rest, raw
from sidecar import DidNotStart, Sidecar

FOREIGN_TOKEN = "tok+/=1"


def new_id():
    return f"custom-{uuid.uuid4()}"


def parts(text):
    """Of an Int128, as Java and Go parse it."""
    high, low = text.split("-")
    assert len(high) == len(low) == 16
    return int(high, 16), int(low, 16)


# Operations


def test_a_create_answers_ids_of_entity_and_events(entities):
    answer = entities.create(2)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json) == {"entityId", "entityVersion", "eventIds"}
    assert len(answer.json["eventIds"]) == 2
    assert answer.json["entityVersion"] == answer.json["eventIds"][-1]
    assert answer.json["eventIds"] == sorted(answer.json["eventIds"])
    for number in [answer.json["entityId"], *answer.json["eventIds"]]:
        assert parts(number)[0] < 2 ** 63


def test_a_create_is_taken_as_java_sends_it(sidecar, entities):
    identifier = new_id()
    body = ('{"entityTypeName":"io.eventuate.example.banking.domain.Account","events":[{"eventType":'
            '"io.eventuate.example.banking.domain.AccountCreatedEvent","eventData":"{\\"initialBalance\\":12}",'
            '"metadata":"{\\"k\\":\\"v\\"}"}],"entityId":"%s"}' % identifier)
    answer = Rest(sidecar)("POST", "/entity/default", body)
    assert answer.status == 200 and answer.json["entityId"] == identifier
    found = entities.find(identifier, type="io.eventuate.example.banking.domain.Account")
    assert found.json["events"] == [{
        "id": answer.json["entityVersion"], "eventData": '{"initialBalance":12}', "metadata": '{"k":"v"}',
        "eventType": "io.eventuate.example.banking.domain.AccountCreatedEvent"}]


def test_what_is_found_is_what_was_written(entities):
    data = '{"text":"Zürich \\u20ac \\n", "number": 1.50,  "a":[1,\n2]}'
    created = entities.create([{"eventType": OPENED, "eventData": data}]).json
    updated = entities.update(created["entityId"], created["entityVersion"], 2).json
    found = entities.find(created["entityId"])
    assert found.status == 200 and "snapshot" not in found.json
    assert [each["id"] for each in found.json["events"]] == created["eventIds"] + updated["eventIds"]
    assert found.json["events"][0]["eventData"] == data
    assert [each["eventType"] for each in found.json["events"]] == [OPENED, CHANGED, CHANGED]
    assert all("metadata" not in each for each in found.json["events"])
    assert updated["entityId"] == created["entityId"]
    assert created["eventIds"] + updated["eventIds"] == sorted(created["eventIds"] + updated["eventIds"])


def test_an_entity_that_is_not_there_is_an_empty_list(entities):
    answer = entities.find("nobody")
    assert (answer.status, answer.json) == (200, {"events": []})


def test_unknown_members_and_nulls_are_ignored(entities):
    created = entities.create(entityId=None, other={"a": 1}, triggeringEventToken=None).json
    updated = entities.update(
        created["entityId"], created["entityVersion"], entityId=created["entityId"], triggeringEventToken="",
        events=[event(CHANGED, {}, metadata=None, more=1)])
    assert updated.status == 200


def test_types_and_events_may_have_dollars_and_dots(entities):
    type = "net.example.Outer$Account"
    created = entities.create([event("net.example.Outer$Opened", {})], type=type).json
    assert len(entities.find(created["entityId"], type=type).json["events"]) == 1


def test_spaces_are_apart(sidecar, entities):
    identifier = new_id()
    other = Entities(sidecar, space="shop")
    assert entities.create(entityId=identifier).status == 200
    assert other.find(identifier).json == {"events": []}
    assert other.create(entityId=identifier).status == 200


def test_a_connection_is_kept(sidecar):
    rest = Rest(sidecar)
    connection = rest.connect()
    for _ in range(3):
        connection.request("GET", f"/entity/default/{TYPE}/nobody", headers={"Connection": "keep-alive"})
        assert json.loads(connection.getresponse().read()) == {"events": []}
    connection.close()


def test_short_versions_are_taken(entities):
    created = entities.create().json
    high, low = parts(created["entityVersion"])
    assert entities.update(created["entityId"], f"{high:x}-{low:X}").status == 200


# Conflicts


def conflict(answer):
    assert answer.status == 409 and answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json) == {"error", "explanation"}
    return answer.json["error"]


def test_a_taken_id_is_entity_exists(entities):
    identifier = new_id()
    entities.create(entityId=identifier)
    assert conflict(entities.create(entityId=identifier)) == "entity_exists"


def test_a_stale_version_is_an_optimistic_lock_error(entities):
    created = entities.create().json
    entities.update(created["entityId"], created["entityVersion"])
    stale = entities.update(created["entityId"], created["entityVersion"])
    assert conflict(stale) == "optimistic_lock_error"


def test_an_update_of_nothing_is_an_optimistic_lock_error(entities):
    assert conflict(entities.update("nobody", "1-0")) == "optimistic_lock_error"


def test_of_many_updates_of_one_version_one_wins(entities):
    created = entities.create().json
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda _: entities.update(created["entityId"], created["entityVersion"]), range(16)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 15
    assert len(entities.find(created["entityId"]).json["events"]) == 2


@pytest.mark.parametrize("token", ["abc-_09", FOREIGN_TOKEN])
def test_an_update_happens_once_for_a_token(entities, token):
    created = entities.create().json
    identifier = created["entityId"]
    query = f"?triggeringEventToken={token}"
    assert entities.find(identifier, query).status == 200
    updated = entities.update(identifier, created["entityVersion"], triggeringEventToken=token)
    assert updated.status == 200
    for version in (created["entityVersion"], updated.json["entityVersion"]):
        again = entities.update(identifier, version, triggeringEventToken=token)
        assert conflict(again) == "duplicate_event"
    assert conflict(entities.find(identifier, query)) == "duplicate_event"
    assert len(entities.find(identifier).json["events"]) == 2


def test_a_token_is_for_one_entity(entities):
    for _ in range(2):
        created = entities.create().json
        answer = entities.update(created["entityId"], created["entityVersion"], triggeringEventToken="same")
        assert answer.status == 200


def test_a_create_with_a_token_happens_once(entities):
    token = str(uuid.uuid4())
    first = entities.create(triggeringEventToken=token)
    again = entities.create(triggeringEventToken=token)
    assert (again.status, again.json) == (200, first.json)
    assert len(entities.find(first.json["entityId"]).json["events"]) == 1


def test_a_token_holds_after_a_kill(executable, tmp_path):
    def begin():
        return Sidecar(executable, tmp_path / "data", domain=None, options=OPTIONS)

    with begin() as sidecar:
        entities = Entities(sidecar)
        created = entities.create(entityId="a").json
        updated = entities.update("a", created["entityVersion"], triggeringEventToken="t").json
        sidecar.kill()
    with begin() as sidecar:
        entities = Entities(sidecar)
        again = entities.update("a", updated["entityVersion"], triggeringEventToken="t")
        assert conflict(again) == "duplicate_event"
        assert conflict(entities.find("a", "?triggeringEventToken=t")) == "duplicate_event"
        assert len(entities.find("a").json["events"]) == 2


# What is wrong


@pytest.mark.parametrize("body", [
    "", "[]", "{", '{"entityTypeName":7}', '{"entityTypeName":"A","events":[]}',
    '{"entityTypeName":"A","events":[{"eventType":"E","eventData":{}}]}',
    '{"entityTypeName":"A/B","events":[{"eventType":"E","eventData":"{}"}]}',
    '{"entityTypeName":"$A","events":[{"eventType":"E","eventData":"{}"}]}',
])
def test_a_wrong_create_is_400_with_a_message(sidecar, body):
    answer = Rest(sidecar)("POST", "/entity/default", body)
    assert answer.status == 400 and answer.json["message"]


@pytest.mark.parametrize("version", ["", "7", "x-y", "1-2-3", "1-fffffffff", None])
def test_a_wrong_version_is_400(entities, version):
    created = entities.create().json
    answer = entities.update(created["entityId"], version)
    assert answer.status == 400 and "entityVersion" in answer.json["message"]


def test_metadata_has_a_bound(entities):
    answer = entities.create([event(OPENED, {}, metadata="x" * 20_000)])
    assert answer.status == 400 and answer.json["message"]


def test_without_the_option_there_is_nothing(executable, tmp_path):
    with Sidecar(executable, tmp_path / "data", domain=None) as sidecar:
        assert Rest(sidecar)("GET", f"/entity/default/{TYPE}/a").status == 404
        assert "stomp" not in sidecar.text


def test_a_type_that_is_not_served_is_404(executable, tmp_path):
    with Sidecar(executable, tmp_path / "data", domain="bank", options=OPTIONS) as sidecar:
        answer = Entities(sidecar).create()
        assert answer.status == 404 and "bank" in answer.json["message"]


def test_garbage_does_not_disturb(sidecar, entities):
    raw(sidecar, b"POST /entity/default HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\xff\xfe\xfd\xfc\xfb")
    assert entities.create().status == 200


# API keys


@pytest.fixture(scope="module")
def guarded(executable, tmp_path_factory):
    directory = tmp_path_factory.mktemp("guarded")
    (directory / "keys").write_text("# of the test\nkey: secret:with:colons, web\nother: o, other\n")
    options = [*OPTIONS, f"--eventuate-api-keys={directory / 'keys'}"]
    with Sidecar(executable, directory / "data", domain=None, options=options) as sidecar:
        yield sidecar


def test_a_key_lets_in(guarded):
    entities = Entities(guarded, Authorization=basic("key", "secret:with:colons"))
    assert entities.create(type=new_type()).status == 200


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": basic("key", "wrong")}, {"Authorization": basic("nobody", "o")},
    {"Authorization": "Basic ???"}, {"Authorization": "Bearer abc"}, {"Authorization": "Basic"},
])
def test_without_a_key_it_is_401(guarded, headers):
    answer = Entities(guarded, **headers).create()
    assert answer.status == 401 and answer.json["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_file_of_keys_that_is_wrong_is_no_start(executable, tmp_path):
    (tmp_path / "keys").write_text("nonsense")
    with pytest.raises(DidNotStart, match="line 1: a key is written as"):
        Sidecar(executable, tmp_path / "data", domain=None,
                options=[*OPTIONS, f"--eventuate-api-keys={tmp_path / 'keys'}"]).start(timeout=10)


def test_a_caller_does_only_what_it_may(executable, tmp_path):
    """Over STOMP, too: the policy names callers as the file of keys does."""
    (tmp_path / "keys").write_text("key: secret, shop\n")
    (tmp_path / "tokens.json").write_text(
        '{"keys": [{"kty": "oct", "k": "nR31nbEcZw3xkieGtzYn7JC5VvlFoy9n_8EBKPiAWBI"}]}')
    (tmp_path / "outrider.yaml").write_text(f"""
tokens: {{keys: {tmp_path / "tokens.json"}}}
eventuate: {{enabled: true, api-keys: {tmp_path / "keys"}}}
projector: {{enabled: false}}
policy:
  - callers: [shop]
    methods: [evented.BusinessCoordinator/Record, evented.EventQuery/GetEvents, outrider.v1.Subscriptions/*]
    domains: [Account]
""")
    sidecar = Sidecar(executable, tmp_path / "data", config=tmp_path / "outrider.yaml")
    sidecar.roles = {"gateway", "stomp"}
    with sidecar:
        entities = Entities(sidecar, Authorization=basic("key", "secret"))
        created = entities.create(type="Account", entityId="a")
        assert created.status == 200 and entities.find("a", type="Account").status == 200
        assert entities.create(type="Order").status == 403
        assert entities.find("a", type="Order").status == 403
        with Stomp(sidecar) as connection:
            connection.connect("key", "secret").subscribe(destination("s", "Account"))
            message, = connection.messages(1)
            assert message.json["entityId"] == "a"
            connection.send("SUBSCRIBE", id="2", destination=json.dumps(destination("s", "Order")))
            error = connection.receive()
            assert error.command == "ERROR" and "Order" in error["message"]
