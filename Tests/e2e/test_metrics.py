"""What Prometheus reads of a sidecar, and how the listener treats everybody else."""

import contextlib
import http.client
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import grpc
import pytest
from client import Client, Status, commands, eventually, new_root, refused
from ending import end
from listening import free_port
from logic import Logic
from prometheus_client.parser import text_string_to_metric_families
from sidecar import DOMAIN, PROJECTOR, DidNotStart, Sidecar

LISTEN = "--metrics-listen=127.0.0.1:0"
HANDLE = "evented.BusinessCoordinator/Handle"
ASK = "evented.BusinessLogic/Handle"


@pytest.fixture
def own_logic():
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def measured(start, own_logic):
    return start(address=own_logic.address, options=[LISTEN, "--projector-retry-time=1s"])


@pytest.fixture(scope="module")
def listener(executable, tmp_path_factory):
    """One for all who only ask."""
    with Sidecar(executable, tmp_path_factory.mktemp("data"), options=[LISTEN]) as sidecar:
        yield sidecar
        end(sidecar)


def connection(sidecar, context=None):
    address = sidecar.addresses["metrics"]
    if context:
        return http.client.HTTPSConnection(address, timeout=20, context=context)
    return http.client.HTTPConnection(address, timeout=20)


def get(sidecar, path="/metrics", method="GET", context=None, body=None):
    """The answer, and its body."""
    to = connection(sidecar, context)
    try:
        to.request(method, path, body=body)
        answer = to.getresponse()
        return answer, answer.read().decode()
    finally:
        to.close()


def scrape(sidecar, context=None):
    """Every family by its name, as Prometheus would keep it."""
    answer, text = get(sidecar, context=context)
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    samples = [(each.name, tuple(sorted(each.labels.items()))) for family in families for each in family.samples]
    assert len(set(samples)) == len(samples)
    return {family.name: family for family in families}


def value(families, family, sample=None, **labels):
    """One sample's value; None where there is none."""
    if family not in families:
        return None
    found = [each.value for each in families[family].samples
             if each.name == (sample or family) and each.labels.items() >= labels.items()]
    assert len(found) <= 1, found
    return found[0] if found else None


def ended(families, side, **labels):
    """How many calls there were, by status."""
    family = f"grpc_{side}_duration_seconds"
    return {each.labels["grpc_status"]: each.value for each in getattr(families.get(family), "samples", [])
            if each.name == f"{family}_count" and each.labels.items() >= labels.items()}


# What is counted


def test_calls_are_counted_by_method_and_status(measured, own_logic):
    client = Client(measured)
    for _ in range(3):
        client.handle(commands(new_root(), b"one"))
    own_logic.answer = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "no money")
    for _ in range(2):
        refused(lambda: client.handle(commands(new_root(), b"one")), Status.FAILED_PRECONDITION)
    unknown = measured.channel("command-handler").unary_unary("/evented.BusinessCoordinator/Nothing")
    refused(lambda: unknown(b"", timeout=10), Status.UNIMPLEMENTED)
    client.roots()
    families = scrape(measured)
    assert value(families, "grpc_server_call_started", "grpc_server_call_started_total", grpc_method=HANDLE) == 5
    assert ended(families, "server_call", grpc_method=HANDLE) == {"OK": 3, "FAILED_PRECONDITION": 2}
    assert ended(families, "server_call", grpc_method="evented.EventQuery/GetAggregateRoots") == {"OK": 1}
    target = f"dns:///{own_logic.address}"
    assert ended(families, "client_attempt", grpc_method=ASK, grpc_target=target) == {
        "OK": 3, "FAILED_PRECONDITION": 2}
    methods = {each.labels["grpc_method"] for each in families["grpc_server_call_started"].samples}
    assert {method.partition("/")[0] for method in methods} == {
        "evented.BusinessCoordinator", "evented.EventQuery", "evented.ProjectorCoordinator", "outrider.v1.Log",
        "outrider.v1.Commands", "outrider.v1.DeadLetters", "outrider.v1.Parked", "outrider.v1.Projections",
        "outrider.v1.Rebuilds", "outrider.v1.Schemas", "outrider.v1.Status", "outrider.v1.Subscriptions",
        "outrider.v1.Trace"}
    assert not any("Nothing" in method for method in methods)


def test_histogram_adds_up(measured, own_logic):
    def slow(request, context):
        time.sleep(0.03)
        return answer(request, context)

    answer, own_logic.answer = own_logic.answer, slow
    Client(measured).handle(commands(new_root(), b"one"))
    family = scrape(measured)["grpc_server_call_duration_seconds"]
    assert family.type == "histogram"
    samples = [each for each in family.samples if each.labels["grpc_method"] == HANDLE]
    buckets = [(float(each.labels["le"]), each.value) for each in samples if each.name.endswith("_bucket")]
    counts = [count for _, count in buckets]
    assert len(buckets) == 42 and buckets == sorted(buckets) and counts == sorted(counts)
    assert dict(buckets)[0.03] == 0 and dict(buckets)[float("inf")] == 1
    (total,) = [each.value for each in samples if each.name.endswith("_sum")]
    assert 0.03 < total < 10


def test_call_under_way_has_begun_and_one_given_up_was_cancelled(measured, own_logic):
    asked = threading.Event()

    def answer(request, context):
        over = threading.Event()
        context.add_callback(over.set)
        asked.set()
        over.wait(20)

    own_logic.answer = answer
    under_way = Client(measured).coordinator.Handle.future(commands(new_root(), b"one"), timeout=30)
    assert asked.wait(20)
    families = scrape(measured)
    assert value(families, "grpc_server_call_started", "grpc_server_call_started_total", grpc_method=HANDLE) == 1
    assert "grpc_server_call_duration_seconds" not in families
    under_way.cancel()
    eventually(lambda: ended(scrape(measured), "server_call", grpc_method=HANDLE) == {"CANCELLED": 1})
    eventually(lambda: ended(scrape(measured), "client_attempt", grpc_method=ASK) == {"CANCELLED": 1})


def test_refusal_for_want_of_a_proof_is_counted(start, own_logic, tmp_path):
    (tmp_path / "keys.json").write_text('{"keys": [{"kty": "oct", "k": "nR31nbEcZw3xkieGtzYn7JC5VvlFoy9n_8EBKPiAWBI"}]}')
    sidecar = start(address=own_logic.address, options=[LISTEN, f"--tokens-keys={tmp_path}/keys.json"])
    refused(lambda: Client(sidecar).handle(commands(new_root(), b"one")), Status.UNAUTHENTICATED)
    assert ended(scrape(sidecar), "server_call", grpc_method=HANDLE) == {"UNAUTHENTICATED": 1}


def test_subscription_tells_how_far_it_is(measured, own_logic):
    client = Client(measured)
    subscription = {"subscription": PROJECTOR, "domain": DOMAIN, "partition": "0"}

    def position(name="position"):
        return value(scrape(measured), f"outrider_subscription_{name}", **subscription)

    for _ in range(3):
        client.handle(commands(new_root(), b"one"))
    eventually(lambda: position() == 3)
    assert position("head") == 3
    assert position("active") == 1
    own_logic.project = lambda request, context: context.abort(Status.INVALID_ARGUMENT, "never")
    client.handle(commands(new_root(), b"one"))
    parked = "outrider_subscription_parked"
    eventually(lambda: value(scrape(measured), parked, f"{parked}_total", **subscription) == 1, timeout=30)
    eventually(lambda: position() == 4)


def test_process_says_what_it_uses(measured):
    pid = measured.process.pid
    families = scrape(measured)
    open_files = len(os.listdir(f"/proc/{pid}/fd"))
    assert abs(value(families, "process_open_fds") - open_files) < 8
    assert value(families, "process_max_fds") > open_files
    assert 1 << 20 < value(families, "process_resident_memory_bytes") < 1 << 30
    assert 0 < value(families, "process_cpu_seconds", "process_cpu_seconds_total") < 100
    assert abs(value(families, "process_start_time_seconds") - time.time()) < 100
    assert re.fullmatch(r"\d+\.\d+\.\d+", families["outrider_build_info"].samples[0].labels["version"])
    with measured.channel("query-handler") as to:
        grpc.channel_ready_future(to).result(10)
        assert value(scrape(measured), "outrider_connections", role="query-handler") == 1
    eventually(lambda: value(scrape(measured), "outrider_connections", role="query-handler") == 0)


def test_nothing_is_measured_unless_it_is_wanted(shared):
    sidecar, _ = shared
    assert "metrics" not in sidecar.addresses
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout
    assert listening.count(f"pid={sidecar.process.pid},") in (0, 4)


@pytest.mark.parametrize("role", ["command-handler", "query-handler", "projector"])
def test_each_role_has_its_own(start, role):
    families = scrape(start(role=role, options=[LISTEN]))
    assert [each.labels for each in families["outrider_connections"].samples] == [{"role": role}]


# Who asks, and how


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metricsx", "/..", "*", "http://x/metricsx"])
def test_everything_else_is_not_found(listener, path):
    assert get(listener, path)[0].status == 404


def test_parameters_do_not_matter(listener):
    assert get(listener, "/metrics?collect[]=all")[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_metrics_can_only_be_read(listener, method):
    answer, _ = get(listener, method=method, body="x" if method == "POST" else None)
    assert answer.status == 405
    assert answer.getheader("Allow") == "GET, HEAD"


def test_head_has_the_length_and_no_body(listener):
    answer, body = get(listener, method="HEAD")
    assert answer.status == 200 and not body
    assert int(answer.getheader("Content-Length")) > 1000


def test_taken_port_is_named(start, own_logic):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DidNotStart, match=f"metrics cannot be served: 127.0.0.1:{port} is in use"):
            start(address=own_logic.address, options=[f"--metrics-listen=127.0.0.1:{port}"])


def test_stops_while_somebody_is_connected(measured):
    with socket.create_connection(measured.addresses["metrics"].split(":")):
        assert measured.stop() == 0


# Security


def trusting(certificates, name=None):
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    if name:
        context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    return context


def test_metrics_are_served_over_tls_where_calls_are(start, own_logic, certificates):
    sidecar = start(address=own_logic.address, options=[
        LISTEN, f"--tls-certificate={certificates}/server.pem", f"--tls-key={certificates}/server.key"])
    context = trusting(certificates)
    # As those offer who speak both.
    context.set_alpn_protocols(["h2", "http/1.1"])
    answer, text = get(sidecar, context=context)
    assert answer.status == 200 and "process_open_fds" in text
    with pytest.raises((http.client.HTTPException, OSError)):
        get(sidecar)


def test_clients_need_a_certificate_where_callers_do(start, own_logic, certificates):
    sidecar = start(address=own_logic.address, options=[
        LISTEN, f"--tls-certificate={certificates}/server.pem", f"--tls-key={certificates}/server.key",
        f"--tls-client-authorities={certificates}/ca.pem", "--strict-security"])
    assert get(sidecar, context=trusting(certificates, "web"))[0].status == 200
    with pytest.raises((http.client.HTTPException, OSError)):
        get(sidecar, context=trusting(certificates))


def test_open_listener_is_warned_of_or_refused(start, own_logic):
    everywhere = f"--metrics-listen=0.0.0.0:{free_port()}"
    sidecar = start(address=own_logic.address, options=[everywhere])
    eventually(lambda: "may read the metrics" in sidecar.text)
    with pytest.raises(DidNotStart, match="may read the metrics.*strict security forbids"):
        start(address=own_logic.address, options=[everywhere, "--strict-security"])


# Hostile clients


def answered(sidecar, data):
    """All that comes back until the connection ends."""
    with socket.create_connection(sidecar.addresses["metrics"].split(":"), timeout=30) as to:
        received = b""
        try:
            to.sendall(data)
            while chunk := to.recv(65536):
                received += chunk
        except (BrokenPipeError, ConnectionResetError):
            pass
        return received


@pytest.mark.parametrize("data", [
    os.urandom(4096), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01" + bytes(600),
    b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET /" + b"a" * 2_000_000, b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 2_000_000,
    b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 200_000,
    b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + bytes(2_000_000),
    b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200_000,
], ids=["noise", "http2", "tls", "version", "length", "smuggling", "path", "field", "fields", "body", "chunks"])
def test_nonsense_ends_its_connection_alone(listener, data):
    assert b" 200 " not in answered(listener, data)
    assert scrape(listener)


def test_only_the_first_request_is_answered(listener):
    answers = answered(listener, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
    assert answers.count(b"HTTP/1.1 200 OK") == 1


def test_more_connections_than_the_bound_are_refused_and_idle_ones_closed(listener):
    idle = []

    def is_full():
        if answered(listener, b"GET /metrics HTTP/1.1\r\n\r\n") == b"":
            return True
        idle.append(socket.create_connection(listener.addresses["metrics"].split(":"), timeout=30))
        idle[-1].sendall(b"GET /metrics HTTP/1.1\r\nX: ")
        return False

    with contextlib.ExitStack() as closing:
        eventually(is_full)
        for each in idle:
            closing.enter_context(each)
        # One that another test left may still have been there.
        assert 15 <= len(idle) <= 17
        for each in idle:
            assert each.recv(1) == b""
    assert scrape(listener)
