"""The gateway: commands, events, projections and the log over HTTP/1.1."""

import json
import time
import uuid

import pytest
from client import Status, eventually
from listening import free_address
from logic import Logic
from rest import BYTES, Rest, aggregate, bytes_value, raw
from sidecar import PROJECTOR
from tokens import key_set, token


def new_name():
    return f"test {uuid.uuid4()}"


@pytest.fixture
def rest(shared, logic):
    return Rest(shared[0])


def send(rest, root, text="x", **headers):
    return rest("POST", aggregate(root) + "/commands", bytes_value(text), **headers)


def texts(events):
    return [event["payload"] for event in events]


def encoded(*values):
    return [bytes_value(value)["payload"] for value in values]


# Commands


def test_a_command_is_answered_with_its_events(rest):
    root = new_name()
    answer = send(rest, root)
    assert answer.status == 200 and answer.headers["ETag"] == '"1"'
    assert answer.headers["Content-Type"] == "application/json"
    event, = answer.json["events"]
    assert (event["sequence"], event["type"], event["payload"]) == (0, BYTES, encoded("x")[0])
    assert answer.json["domain"] == "bank" and answer.json["position"] > 0
    assert answer.json["alreadyHandled"] is False


def test_a_name_is_a_uuid_of_version_5(rest):
    name = new_name()
    root = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
    assert send(rest, name).json["root"] == root
    for other in (root, root.replace("-", ""), root.upper()):
        assert rest("GET", aggregate(other) + "/events").json["nextSequence"] == 1


def test_a_command_that_is_sent_again_has_effect_once(rest):
    root, key = new_name(), "a key: 100 %"
    first = send(rest, root, Idempotency_Key=key)
    again = send(rest, root, Idempotency_Key=f'"{key}"')
    assert again.json["alreadyHandled"] and again.json["events"] == first.json["events"]
    assert again.json["commandId"] == key
    assert rest("GET", aggregate(root) + "/events").headers["ETag"] == '"1"'


def test_an_expected_sequence_holds(rest):
    root = new_name()
    assert send(rest, root, If_Match='"0"').status == 200
    stale = send(rest, root, If_Match='"0"')
    assert (stale.status, stale.json["code"]) == (412, "FAILED_PRECONDITION")
    assert send(rest, root, If_Match='"1"').headers["ETag"] == '"2"'


def test_what_the_logic_refuses_is_a_problem(rest, logic):
    def refuse(request, context):
        context.abort(Status.FAILED_PRECONDITION, "the balance is too low")

    logic.answer = refuse
    answer = send(rest, new_name())
    assert answer.status == 409 and answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "the balance is too low",
        "code": "FAILED_PRECONDITION"}


def test_a_request_has_the_time_that_it_says(rest, logic):
    def wait(request, context):
        time.sleep(3)

    logic.answer = wait
    began = time.monotonic()
    answer = send(rest, new_name(), Request_Timeout="0.2")
    assert (answer.status, answer.json["code"]) == (504, "DEADLINE_EXCEEDED")
    assert time.monotonic() - began < 2


def test_a_command_can_be_handed_over(rest):
    root = new_name()
    answer = send(rest, root, Prefer="respond-async", Idempotency_Key="one/two")
    assert answer.status == 202 and answer.headers["Preference-Applied"] == "respond-async"
    assert answer.headers["Location"] == answer.json["location"]
    ended = rest("GET", answer.headers["Location"] + "?wait=10s")
    assert ended.status == 200 and ended.json["end"] == "APPENDED"
    assert texts(ended.json["events"]) == encoded("x") and ended.json["commandId"] == "one/two"
    repeated = send(rest, root, Prefer="respond-async", Idempotency_Key="one/two")
    assert repeated.json["alreadyDispatched"]


def test_an_unknown_command_is_not_found(rest):
    assert rest("GET", aggregate(new_name()) + "/commands/none").status == 404


# Events


def test_events_are_read_page_by_page(rest):
    root = new_name()
    for number in range(5):
        send(rest, root, f"{number}")
    path, seen = aggregate(root) + "/events?limit=2", []
    while path:
        page = rest("GET", path)
        seen += texts(page.json["events"])
        assert page.json["complete"] == ("ETag" in page.headers) == ("Link" not in page.headers)
        path = page.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == encoded("0", "1", "2", "3", "4")
    assert texts(rest("GET", aggregate(root) + "/events?from=4").json["events"]) == encoded("4")
    beyond = rest("GET", aggregate(root) + "/events?from=9")
    assert beyond.json == {"events": [], "complete": True} and "ETag" not in beyond.headers


def test_an_aggregate_without_events_is_empty(rest):
    page = rest("GET", aggregate(new_name()) + "/events")
    assert page.json == {"events": [], "nextSequence": 0, "complete": True}
    assert page.headers["ETag"] == '"0"'


def test_facts_are_recorded_as_json(rest):
    root, payload = new_name(), {"amount": 12345678901234567890, "names": ["Ä", None, True], "rate": 1.50}
    answer = rest("POST", aggregate(root) + "/events", {"events": [
        {"type": "Imported", "payload": payload, "createdAt": "2020-02-29T12:00:00.5Z"},
        {"type": "json/Noted", "payload": "yes", "entity": "card:1"}]}, If_Match='"0"')
    assert answer.status == 200 and answer.headers["ETag"] == '"2"'
    first, second = rest("GET", aggregate(root) + "/events").json["events"]
    assert (first["type"], first["payload"]) == ("Imported", payload)
    assert first["createdAt"] == "2020-02-29T12:00:00.500Z"
    assert (second["type"], second["payload"], second["entity"]) == ("Noted", "yes", "card:1")


def test_bytes_of_an_unknown_type_come_back_as_they_were(rest):
    payload = {"@type": "type.googleapis.com/shop.Unknown", "value": "CAE="}
    answer = rest("POST", aggregate(new_name()) + "/events", {"type": "ignored", "payload": payload})
    event, = answer.json["events"]
    assert (event["type"], event["payload"]) == ("shop.Unknown", payload)


def test_a_type_url_that_nothing_describes_is_refused(rest):
    body = {"type": "type.googleapis.com/shop.Unknown", "payload": {}}
    answer = rest("POST", aggregate(new_name()) + "/events", body)
    assert answer.status == 400 and "shop.Unknown" in answer.json["detail"]


# Projections


def test_a_projection_is_read_behind_a_position(rest):
    root = new_name()
    position = send(rest, root).json["position"]
    answer = rest("GET", aggregate(root) + f"/projections/{PROJECTOR}?atLeast={position}")
    assert answer.status == 200 and answer.headers["ETag"] == '"0"'
    assert (answer.json["type"], answer.json["payload"]) == ("google.protobuf.UInt64Value", "1")
    assert rest("GET", aggregate(new_name()) + f"/projections/{PROJECTOR}").status == 404


# Streams


def test_the_log_is_followed_and_resumed(rest):
    roots = [new_name() for _ in range(4)]
    positions = [send(rest, root, root).json["position"] for root in roots[:2]]
    follower = rest.follow(f"/v1/domains/bank/log?after={positions[0] - 1}")
    assert follower.response.headers["Content-Type"] == "text/event-stream"
    events = follower.take(2)
    send(rest, roots[2], roots[2])
    events += follower.take(1)
    follower.close()
    assert [texts(data["events"])[0] for _, _, data in events] == encoded(*roots[:3])
    last, _, data = events[-1]
    assert last == f"{data['partition']}:{data['position']}"
    send(rest, roots[3], roots[3])
    resumed = rest.follow("/v1/domains/bank/log", Last_Event_ID=last)
    (_, _, data), = resumed.take(1)
    resumed.close()
    assert texts(data["events"]) == encoded(roots[3])


def test_the_log_is_read_in_parts(rest):
    for _ in range(3):
        send(rest, new_name())
    page = rest("GET", "/v1/domains/bank/log?limit=2", Accept="application/json")
    assert page.status == 200 and len(page.json) == 2
    after = page.json[-1]["position"]
    page = rest("GET", f"/v1/domains/bank/log?limit=1&after={after}", Accept="application/json")
    assert [entry["position"] for entry in page.json] == [after + 1]
    assert rest("GET", "/v1/domains/bank/log", Accept="text/html").status == 406


def test_a_stream_ends_at_the_head_if_asked(rest):
    send(rest, new_name())
    events = list(rest.follow("/v1/domains/bank/log?follow=false"))
    assert events and [event[1] for event in events] == [None] * len(events)


def test_an_aggregates_events_are_followed_and_resumed(rest):
    root = new_name()
    send(rest, root, "0")
    follower = rest.follow(aggregate(root) + "/events")
    assert [(id, data["sequence"]) for id, _, data in follower.take(1)] == [("0", 0)]
    send(rest, new_name(), "not this one")
    send(rest, root, "1")
    (id, _, data), = follower.take(1)
    follower.close()
    assert (id, texts([data])) == ("1", encoded("1"))
    send(rest, root, "2")
    resumed = rest.follow(aggregate(root) + "/events", Last_Event_ID="1")
    assert [texts([data]) for _, _, data in resumed.take(1)] == [encoded("2")]
    resumed.close()


def test_an_aggregate_is_followed_before_its_first_event(rest):
    root = new_name()
    follower = rest.follow(aggregate(root) + "/events")
    send(rest, root, "0")
    assert [id for id, _, _ in follower.take(1)] == ["0"]
    follower.close()


def test_a_silent_stream_shows_signs_of_life_and_ends_in_order(start, logic_process):
    sidecar = start(address=logic_process.address, options=["--gateway-heartbeat=1s"])
    follower = Rest(sidecar).follow("/v1/domains/bank/log")
    for _ in range(3):
        assert follower.response.readline().startswith(b":")
        follower.response.readline()
    sidecar.process.terminate()
    (id, kind, data), = follower
    assert (id, kind, data["status"]) == (None, "problem", 503) and "another replica" in data["detail"]
    assert follower.response.isclosed()
    assert sidecar.process.wait(20) == 0


# Evento's envelopes


def test_envelopes_hand_commands_over(rest):
    name = new_name()
    envelope = {"entity": f"bank:{name}", "command_type": BYTES, "payload": encoded("x")[0]}
    answer = rest("POST", "/v1/commands", envelope)
    assert answer.status == 202
    assert rest("GET", answer.headers["Location"] + "?wait=10").json["end"] == "APPENDED"
    waited = rest("POST", "/v1/commands", [envelope, envelope], Prefer="wait=10", Idempotency_Key="k")
    assert waited.status == 200 and waited.headers["Preference-Applied"] == "wait"
    assert [ended["commandId"] for ended in waited.json] == ["k.0", "k.1"]
    assert {ended["end"] for ended in waited.json} == {"APPENDED"}
    assert rest("GET", aggregate(name) + "/events").headers["ETag"] == '"3"'


def test_envelopes_publish_events(rest):
    name = new_name()
    envelope = {"entity": f"bank:{name}", "event_type": "Noted", "payload": {"n": 1}}
    answer = rest("POST", "/v1/events", envelope)
    assert answer.status == 202
    event, = rest("GET", answer.headers["Location"]).json["events"]
    assert (event["type"], event["payload"]) == ("Noted", {"n": 1})
    waited = rest("POST", "/v1/events", [envelope, envelope], Prefer="wait=5")
    assert waited.status == 200 and [len(each["events"]) for each in waited.json] == [1, 1]


# What is wrong


BAD_BODIES = {
    "no JSON": b"{",
    "bad UTF-8": b'{"type": "\xff"}',
    "too deep": b"[" * 10_000 + b"]" * 10_000,
    "deep payload": b'{"type": "a", "payload": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "member twice": b'{"type": "a", "type": "b"}',
    "no object": b"[]",
    "no type": b'{"payload": {}}',
    "type of another kind": b'{"type": 7}',
    "empty type": b'{"type": ""}',
    "NUL": b'{"type": "a\\u0000b"}',
    "half a surrogate": b'{"type": "\\ud800"}',
    "unknown member": b'{"type": "a", "playload": {}}',
    "number out of range": json.dumps(
        {"type": "google.protobuf.Int32Value", "payload": 3_000_000_000}).encode(),
    "not of its type": json.dumps({"type": BYTES, "payload": {"a": 1}}).encode(),
    "no Base64": b'{"type": "a", "payload": {"@type": "b", "value": "%"}}',
    "something behind": b'{"type": "a"} x',
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused(rest, name):
    for path in (aggregate("bad") + "/commands", aggregate("bad") + "/events"):
        answer = rest("POST", path, BAD_BODIES[name])
        assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
        assert answer.json["detail"]
    assert rest("GET", aggregate("bad") + "/events").json["events"] == []


@pytest.mark.parametrize("path, status", [
    ("/", 200), ("/healthz", 200), ("/nothing", 404), ("/v1/domains/bank/log/", 404),
    ("/v1/domains/%ff/log", 400), ("/v1/domains/%/log", 400), ("/v1/domains//log", 400),
    ("/v1/domains/a%00b/log", 400), ("/v1/domains/elsewhere/log", 404),
    ("/v1/domains/" + "d" * 256 + "/log", 400), ("/v1/domains/bank/log?after=-1", 400),
    ("/v1/domains/bank/log?after=18446744073709551616", 400), ("/v1/domains/bank/log?limit=0", 400),
    ("/v1/domains/bank/log?partition=7", 400), ("/v1/domains/bank/log?x=1", 400),
    ("/v1/domains/bank/log?after=1&after=2", 400), ("/v1/domains/bank/log?follow=maybe", 400),
    (aggregate("a" * 256) + "/events", 400), (aggregate("a") + "/events?from=4294967296", 400),
    (aggregate("a") + "/commands/x?wait=soon", 400), (aggregate("a") + "/projections/none", 404)])
def test_a_path_has_its_status(rest, path, status):
    answer = rest("GET", path, Accept="application/json")
    assert answer.status == status, answer.data
    if status >= 400:
        assert answer.json["status"] == status and answer.json["detail"]


@pytest.mark.parametrize("headers, status", [
    ({"Content_Type": "text/plain"}, 415), ({"Content_Type": "application/json; charset=latin-1"}, 415),
    ({"If_Match": "*"}, 400), ({"If_Match": '"4294967296"'}, 400), ({"Idempotency_Key": "k" * 256}, 400),
    ({"Request_Timeout": "never"}, 400), ({"Expect": "miracles"}, 417),
    ({"Content_Type": 'application/json; charset="UTF-8"'}, 200),
    # What `curl -d` says, and what a browser says of a form.
    ({"Content_Type": "application/x-www-form-urlencoded"}, 200),
    ({"Content_Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}, 415),
    ({"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Site": "cross-site"}, 415)])
def test_a_header_is_checked(rest, headers, status):
    assert send(rest, new_name(), **headers).status == status


def test_a_body_has_a_limit(start, logic_process):
    sidecar = start(address=logic_process.address, options=["--gateway-body-size=10KiB"])
    rest = Rest(sidecar)
    assert send(rest, "a", "x" * 5000).status == 200
    assert send(rest, "a", "x" * 10_000).status == 413
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    answer = raw(sidecar, b"POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + 4 * chunk)
    assert answer.startswith(b"HTTP/1.1 413 ") and b"Connection: close" in answer


# HTTP/1.1


def test_methods_that_are_not_for_a_path_are_named(rest):
    answer = rest("DELETE", aggregate("a") + "/events")
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    options = rest("OPTIONS", aggregate("a") + "/events")
    assert options.status == 204 and options.headers["Allow"] == answer.headers["Allow"]


def test_head_has_the_headers_of_get(rest):
    root = new_name()
    send(rest, root)
    for path in (aggregate(root) + "/events", "/v1/domains/bank/log?follow=false"):
        head, get = rest("HEAD", path), rest("GET", path)
        assert (head.status, head.data) == (200, b"")
        assert head.headers["ETag"] == get.headers["ETag"]
        assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_a_connection_serves_one_request_after_the_other(shared):
    get = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
    answer = raw(shared[0], 3 * (get + b"\r\n") + b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n" + get + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 4 and answer.count(b"HTTP/1.1 404 ") == 1
    assert answer.count(b"Connection: close") == 1


@pytest.mark.parametrize("request_bytes, status", [
    (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: x\r\n" * 200 + b"\r\n", 400),
    (b"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    (b"GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    (b"GET /healthz HTTP/1.0\r\n\r\n", 200)])
def test_what_is_no_request_is_refused(shared, request_bytes, status):
    answer = raw(shared[0], request_bytes)
    assert answer.partition(b"\r\n")[0].split()[1] == b"%d" % status, answer


def test_a_client_may_wait_for_permission(shared):
    body = b'{"type": "Noted", "payload": 1}'
    head = (
        b"POST " + aggregate(new_name()).encode() + b"/events HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
    answer = raw(shared[0], head + body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_pages_of_named_origins_may_read_answers(start, logic_process):
    options = ["--gateway-cors-origins=https://shop.example https://other.example"]
    rest = Rest(start(address=logic_process.address, options=options))
    answer = rest("GET", "/healthz", Origin="https://shop.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    preflight = rest(
        "OPTIONS", "/v1/commands", Origin="https://other.example", Access_Control_Request_Method="POST")
    assert preflight.status == 204 and "POST" in preflight.headers["Access-Control-Allow-Methods"]
    stranger = rest("GET", "/healthz", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in stranger.headers and stranger.headers["Vary"] == "Origin"


# Where it runs, and for whom


def test_a_gateway_apart_needs_no_store(start, logic_process, tmp_path):
    handler = start(address=logic_process.address)
    addresses = {role: handler.addresses[role] for role in ("command-handler", "query-handler")}
    gateway = start(role="gateway", data=tmp_path / "none", domain=None, options=[
        f"--{role}={address}" for role, address in addresses.items()])
    rest, root = Rest(gateway), new_name()
    assert send(rest, root).status == 200
    assert texts(rest("GET", aggregate(root) + "/events").json["events"]) == encoded("x")
    follower = rest.follow(aggregate(root) + "/events")
    assert [id for id, _, _ in follower.take(1)] == ["0"]
    follower.close()
    eventually(lambda: rest("GET", "/healthz").status == 200)
    assert not (tmp_path / "none").exists()
    handler.kill()
    assert send(rest, root, Request_Timeout="2").status in (503, 504)


@pytest.fixture(params=["in one process", "apart"])
def guarded(request, start, logic_process, tmp_path):
    """A gateway where Ann may do everything with the domain bank, and Bob may read events."""
    (tmp_path / "keys.json").write_text(key_set())
    path = tmp_path / "outrider.yaml"
    path.write_text(f"""
tokens:
  keys: {tmp_path}/keys.json
policy:
  - callers: ["token:ann"]
    methods: ["*"]
    domains: [bank]
  - callers: ["token:bob"]
    methods: [evented.EventQuery/GetEvents]
    domains: [bank]
""")
    options = [f"--config={path}"]
    sidecar = start(address=logic_process.address, options=options)
    if request.param == "apart":
        options += [
            f"--{role}={sidecar.addresses[role]}" for role in ("command-handler", "query-handler")]
        sidecar = start(role="gateway", data=tmp_path / "none", domain=None, options=options)
    return sidecar


def test_tokens_and_policy_are_those_of_grpc(guarded):
    stranger = Rest(guarded)
    ann, bob, late = (
        Rest(guarded, Authorization=f"Bearer {token(name, lifetime)}")
        for name, lifetime in (("ann", 60), ("bob", 60), ("ann", -90)))
    root = new_name()
    refused = send(stranger, root)
    assert (refused.status, refused.json["code"]) == (401, "UNAUTHENTICATED")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert send(late, root).status == 401
    assert send(ann, root).status == 200
    assert send(bob, root).status == 403
    assert bob("GET", aggregate(root) + "/events").status == 200
    assert ann("GET", "/v1/domains/shop/log").status == 403
    assert stranger("GET", "/v1/domains/bank/log").status == 401
    assert stranger("GET", "/healthz").status == 200


def test_a_stream_ends_with_the_token_that_opened_it(guarded):
    follower = Rest(guarded, Authorization=f"Bearer {token('ann', -57)}").follow("/v1/domains/bank/log")
    (_, kind, problem), = list(follower)
    assert kind == "problem" and problem["status"] in (401, 504)


def test_logic_that_is_away_is_a_problem_for_a_while(start):
    address = free_address()
    rest = Rest(start(address=address))
    assert send(rest, "a", Request_Timeout="1").status in (503, 504)
    logic = Logic(address)
    try:
        eventually(lambda: send(rest, "a").status == 200)
    finally:
        logic.stop()
