"""Traces, as a collector of another make takes them, with OpenTelemetry's SDK at both ends of the calls."""

import collections
import threading
import time

import grpc
import pytest
from client import Client, Status, commands, eventually, new_root, refused
from collector import Collector
from listening import free_address
from logic import BrokenServer, Logic, close_at_once, count, decide, echo, fold, never_answer, speak_http_1
from opentelemetry import trace as api
from opentelemetry.propagate import extract, inject
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from outrider.v1 import saga_pb2
from sidecar import DOMAIN, PROJECTOR, DidNotStart
from test_metrics import LISTEN, scrape, value

HANDLE = "evented.BusinessCoordinator/Handle"
ASK = "evented.BusinessLogic/Handle"
FUNCTIONS = "outrider.v1.Entity/Handle", "outrider.v1.Entity/Apply"
PROJECT = "evented.Projector/HandleSync"
SYNCHRONOUS = "evented.ProjectorCoordinator/HandleSync"
DELIVER = f"process {DOMAIN}"

# The client's and the logic's side


class SDK:
    """OpenTelemetry's SDK, with the spans that it has ended."""

    def __init__(self, sampler=None):
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(**({"sampler": sampler} if sampler else {}))
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = provider.get_tracer("test")

    def call(self, stub, request, timeout=20):
        """Makes a call within a span of its own; returns the span, and the answer."""
        with self.tracer.start_as_current_span("client", kind=api.SpanKind.CLIENT) as span:
            headers = {}
            inject(headers)
            return span, stub(request, timeout=timeout, metadata=list(headers.items()))

    def traced(self, answer, name):
        """Logic that answers within a span of its own."""
        def traced(request, context):
            caller = extract(dict(context.invocation_metadata()))
            with self.tracer.start_as_current_span(name, caller, kind=api.SpanKind.SERVER):
                return answer(request, context)
        return traced

    def spans(self, name):
        return [span for span in self.exporter.get_finished_spans() if span.name == name]


def ids(span):
    """Trace and span of one of the SDK's, as the collector has them; and its parent's."""
    context = span.get_span_context()
    parent = span.parent.span_id.to_bytes(8, "big") if span.parent else b""
    return context.trace_id.to_bytes(16, "big"), context.span_id.to_bytes(8, "big"), parent


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture
def sdk():
    return SDK()


@pytest.fixture
def own_logic(sdk):
    logic = Logic()
    logic.answer, logic.project = sdk.traced(echo, "decide"), sdk.traced(count, "project")
    logic.decide, logic.fold = sdk.traced(decide, "decide"), sdk.traced(fold, "fold")
    yield logic
    logic.stop()


def endpoint(collector):
    return f"--traces-endpoint=http://{collector.address}"


def counts(sidecar):
    family = "outrider_trace_spans"
    return {each.labels["outcome"]: each.value for each in scrape(sidecar)[family].samples}


def nothing_is_lost(sidecar):
    return counts(sidecar)["dropped"] == counts(sidecar)["failed"] == 0


# What belongs together


def test_one_trace_from_client_to_store_and_one_linked_for_the_projector(
        start, collector, sdk, own_logic):
    sidecar = start(address=own_logic.address, options=[endpoint(collector), LISTEN])
    root = new_root()
    client, answer = sdk.call(Client(sidecar).coordinator.Handle, commands(root, b"one"))
    trace, client_id, _ = ids(client)

    spans = eventually(lambda: (spans := collector.of_trace(trace)) and len(spans) >= 3 and spans)
    assert {span.name for span in spans} == {HANDLE, ASK, "append"} and len(spans) == 3
    by_name = {span.name: span for span in spans}
    handle, ask, append = by_name[HANDLE], by_name[ASK], by_name["append"]
    (decide,) = sdk.spans("decide")
    assert (handle.kind, handle.parent) == ("server", client_id)
    assert (ask.kind, ask.parent) == ("client", handle.id)
    assert ids(decide)[0] == trace and ids(decide)[2] == ask.id
    assert (append.kind, append.parent) == ("internal", handle.id)
    assert handle.began <= ask.began <= ask.ended <= append.began <= append.ended <= handle.ended
    assert 0 <= time.time_ns() - handle.ended < 100e9
    assert not any(span.failed or span.links for span in spans)

    position = answer.position.number
    rpc = {"rpc.system": "grpc", "rpc.grpc.status_code": 0, "rpc.method": "Handle"}
    where = {"outrider.domain": DOMAIN, "outrider.root": handle.attributes["outrider.root"]}
    assert handle.attributes == {
        **rpc, **where, "rpc.service": "evented.BusinessCoordinator", "outrider.position": position}
    host, port = own_logic.address.split(":")
    assert ask.attributes == {
        **rpc, "rpc.service": "evented.BusinessLogic", "server.address": host, "server.port": int(port)}
    assert append.attributes == {
        **where, "outrider.sequence": 0, "outrider.events": 1, "outrider.position": position}
    assert handle.resource == {
        "service.name": "outrider", "outrider.domain": DOMAIN,
        "outrider.role": "command-handler,query-handler,projector,gateway",
        "service.version": handle.resource["service.version"], "telemetry.sdk.name": "outrider",
        "telemetry.sdk.version": handle.resource["service.version"], "telemetry.sdk.language": "swift",
        "service.instance.id": handle.resource["service.instance.id"]}

    (deliver,) = eventually(lambda: collector.spans(DELIVER))
    assert (deliver.kind, deliver.parent, deliver.links) == ("consumer", b"", [(trace, handle.id)])
    assert deliver.trace != trace
    assert deliver.attributes == {
        **where, "outrider.subscription": PROJECTOR, "messaging.destination.name": DOMAIN,
        "outrider.sequence": 0, "outrider.events": 1}
    (call,) = collector.spans(PROJECT)
    assert (call.trace, call.parent) == (deliver.trace, deliver.id)
    (project,) = sdk.spans("project")
    assert ids(project)[0] == deliver.trace and ids(project)[2] == call.id
    assert nothing_is_lost(sidecar)


def test_both_functions_belong_to_the_commands_trace(start, collector, sdk, own_logic):
    options = [endpoint(collector), LISTEN, "--style=functions", "--projector-enabled=false"]
    sidecar, root = start(address=own_logic.address, options=options), new_root()
    Client(sidecar).handle(commands(root, b"one"))
    assert sidecar.stop() == 0
    # A process that has just started folds the past first.
    sidecar = start(address=own_logic.address, options=options)
    client, _ = sdk.call(Client(sidecar).coordinator.Handle, commands(root, b"two"))
    trace = ids(client)[0]

    spans = eventually(lambda: len(spans := collector.of_trace(trace)) >= 5 and spans)
    by_time = sorted(spans, key=lambda span: span.began)
    ask, apply = FUNCTIONS
    assert [span.name for span in by_time] == [HANDLE, apply, ask, apply, "append"]
    handle, calls = by_time[0], by_time[1:4]
    assert {span.parent for span in by_time[1:]} == {handle.id}
    assert {span.kind for span in calls} == {"client"}
    host, port = own_logic.address.split(":")
    assert [span.attributes for span in calls] == [
        {"rpc.system": "grpc", "rpc.grpc.status_code": 0, "rpc.service": "outrider.v1.Entity", "rpc.method": method,
         "server.address": host, "server.port": int(port)} for method in ("Apply", "Handle", "Apply")]
    # What the functions record goes on from there.
    inside = [span for name in ("decide", "fold") for span in sdk.spans(name) if ids(span)[0] == trace]
    assert {ids(span)[2] for span in inside} == {span.id for span in calls} and len(inside) == 3
    assert nothing_is_lost(sidecar)


def test_apply_that_fails_is_a_span_that_failed(start, collector, sdk, own_logic):
    own_logic.fold = lambda request, context: context.abort(Status.INVALID_ARGUMENT, "odd")
    client = Client(start(address=own_logic.address, options=[endpoint(collector), "--style=functions"]))
    refused(lambda: sdk.call(client.coordinator.Handle, commands(new_root(), b"x")), Status.INTERNAL)
    (handle,) = eventually(lambda: collector.spans(HANDLE))
    (apply,) = collector.spans(FUNCTIONS[1])
    assert (apply.parent, apply.failed, apply.attributes["rpc.grpc.status_code"]) == (handle.id, True, 3)
    assert (handle.failed, handle.attributes["rpc.grpc.status_code"]) == (True, 13)
    assert not collector.spans("append")


def test_synchronous_projector_in_another_process_belongs_to_the_commands_trace(
        start, collector, sdk, own_logic):
    projector = start(address=own_logic.address, role="projector", options=[endpoint(collector)])
    handler = start(address=own_logic.address, role="command-handler", options=[
        endpoint(collector), "--projector-synchronous=true",
        f"--projector-coordinator={projector.addresses['projector']}"])
    client, answer = sdk.call(
        Client(handler).coordinator.Handle, commands(new_root(), b"one", synchronous=True))
    assert answer.projections
    trace = ids(client)[0]

    def complete():
        spans = collector.of_trace(trace)
        return len(spans) >= 5 and spans

    spans = eventually(complete)
    calls = {(span.name, span.kind): span for span in spans}
    asked, served = calls[SYNCHRONOUS, "client"], calls[SYNCHRONOUS, "server"]
    assert asked.parent == calls[HANDLE, "server"].id and served.parent == asked.id
    assert asked.resource["service.name"] == "command-handler"
    assert served.resource["service.name"] == "projector"
    # The projector's own subscription may have been faster: then nothing was left to do.
    if (PROJECT, "client") in calls:
        assert calls[PROJECT, "client"].parent == served.id
    assert len(spans) <= 6


def test_refusal_is_a_status_and_no_failure_of_the_server(start, collector, sdk, own_logic):
    own_logic.answer = lambda request, context: context.abort(Status.FAILED_PRECONDITION, "no money")
    client = Client(start(address=own_logic.address, options=[endpoint(collector)]))
    refused(lambda: sdk.call(client.coordinator.Handle, commands(new_root(), b"x")), Status.FAILED_PRECONDITION)
    own_logic.answer = lambda request, context: b"\xff\xff"
    refused(lambda: sdk.call(client.coordinator.Handle, commands(new_root(), b"x")), Status.INTERNAL)
    handled = eventually(lambda: len(spans := collector.spans(HANDLE)) == 2 and spans)
    assert [span.attributes["rpc.grpc.status_code"] for span in handled] == [9, 13]
    assert [span.failed for span in handled] == [False, True]
    asked = collector.spans(ASK)
    assert [span.failed for span in asked] == [True, False]
    assert not any("money" in str(span.attributes) for span in collector.spans())


def test_trace_state_goes_along(start, collector, own_logic):
    seen = {}

    def answer(request, context):
        seen.update(context.invocation_metadata())
        return echo(request, context)

    own_logic.answer = answer
    client = Client(start(address=own_logic.address, options=[endpoint(collector)]))
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.coordinator.Handle(commands(new_root(), b"x"), timeout=20, metadata=[
        ("traceparent", caller), ("tracestate", "a=1"), ("tracestate", "b=2")])
    spans = eventually(lambda: len(spans := collector.spans(ASK) + collector.spans(HANDLE)) == 2 and spans)
    assert {span.state for span in spans} == {"a=1,b=2"}
    ask = collector.spans(ASK)[0]
    assert seen["traceparent"] == f"{caller[:36]}{ask.id.hex()}-01"
    assert seen["tracestate"] == "a=1,b=2"


def test_broker_in_between_makes_linked_traces(start, collector, sdk, own_logic, exchange, tmp_path):
    traced = [endpoint(collector), LISTEN, f"--channel={exchange}"]
    handler = start(address=own_logic.address, role="command-handler", options=traced)
    reader = start(role="query-handler")
    projector = start(address=own_logic.address, role="projector", data=tmp_path / "own", options=[
        *traced, "--source=rabbitmq", f"--query-handler={reader.addresses['query-handler']}"])
    client, _ = sdk.call(Client(handler).coordinator.Handle, commands(new_root(), b"one"))
    trace = ids(client)[0]

    (handle,) = eventually(lambda: collector.spans(HANDLE))
    link = [(trace, handle.id)]
    send = eventually(lambda: [span for span in collector.spans(f"send {DOMAIN}") if not span.failed], timeout=30)[0]
    (deliver,) = eventually(lambda: collector.spans(DELIVER), timeout=30)
    assert (send.kind, send.parent, send.links) == ("producer", b"", link)
    assert (deliver.kind, deliver.parent, deliver.links) == ("consumer", b"", link)
    assert len({trace, send.trace, deliver.trace}) == 3
    for span, operation in (send, "send"), (deliver, "process"):
        assert span.attributes.items() >= {
            "messaging.system": "rabbitmq", "messaging.destination.name": DOMAIN,
            "messaging.operation.type": operation}.items()
    messages = {"messaging_system": "rabbitmq", "messaging_destination_name": DOMAIN}
    sent, consumed = "messaging_client_sent_messages", "messaging_client_consumed_messages"
    assert value(scrape(handler), sent, f"{sent}_total", **messages) >= 1
    assert value(scrape(projector), consumed, f"{consumed}_total", **messages) >= 1


@pytest.mark.parametrize("style, ask", [("classic", ASK), ("functions", FUNCTIONS[0])])
def test_saga_makes_linked_traces(start, collector, sdk, own_logic, tmp_path, style, ask):
    """Each hop that nobody waits for begins a trace of its own: event to saga, and step to command."""
    def react(given, context):
        reaction = saga_pb2.SagaReaction()
        if given.WhichOneof("input") == "events":
            reaction.commands.append(commands(new_root(), b"two"))
            reaction.commands[0].cover.domain = "stock"
        return reaction

    own_logic.react = react
    config = tmp_path / "shop.yaml"
    config.write_text(
        f"""
domains:
  - {{name: {DOMAIN}, logic: {{style: {style}, address: "{own_logic.address}"}}}}
  - {{name: stock, logic: {{style: {style}, address: "{own_logic.address}"}}}}
sagas:
  - {{name: ship, key: root, domains: [{DOMAIN}], logic: {{address: "{own_logic.address}"}}}}
""")
    sidecar = start(config=config, options=[endpoint(collector)])
    client, _ = sdk.call(Client(sidecar).coordinator.Handle, commands(new_root(), b"one"))
    trace = ids(client)[0]
    (handle,) = eventually(lambda: collector.spans(HANDLE))
    (deliver,) = eventually(lambda: collector.spans(DELIVER))
    assert (deliver.parent, deliver.links) == (b"", [(trace, handle.id)])
    react_call = eventually(lambda: collector.spans("outrider.v1.Saga/React"))[0]
    assert (react_call.trace, react_call.parent) == (deliver.trace, deliver.id)
    step = eventually(lambda: collector.spans("process $saga.ship"))[0]
    assert (step.parent, [link[0] for link in step.links]) == (b"", [deliver.trace])
    asked = eventually(lambda: [span for span in collector.spans(ask) if span.trace != trace])[0]
    assert asked.trace == step.trace
    assert len({trace, deliver.trace, step.trace}) == 3


# What is recorded


def test_callers_flag_decides_before_the_rate(start, collector, own_logic):
    """Those who do not trace are not recorded at 0, those who do are; a caller's no holds at 1."""
    never = start(address=own_logic.address, options=[
        endpoint(collector), "--traces-sample=0", "--projector-enabled=false"])
    yes, no = SDK(), SDK(ParentBased(ALWAYS_OFF))
    Client(never).handle(commands(new_root(), b"x"))
    no.call(Client(never).coordinator.Handle, commands(new_root(), b"x"))
    traced, _ = yes.call(Client(never).coordinator.Handle, commands(new_root(), b"x"))
    assert never.stop() == 0
    assert {span.trace for span in collector.spans()} == {ids(traced)[0]}

    always = start(address=own_logic.address, options=[endpoint(collector), "--projector-enabled=false"])
    no.call(Client(always).coordinator.Handle, commands(new_root(), b"x"))
    Client(always).handle(commands(new_root(), b"x"))
    assert always.stop() == 0
    assert len(collector.spans(HANDLE)) == 2


def test_logic_is_told_of_what_is_not_recorded(start, collector, own_logic):
    """Else it would begin traces of its own, in the middle of what nobody records."""
    seen = []

    def answer(request, context):
        seen.append(dict(context.invocation_metadata()).get("traceparent"))
        return echo(request, context)

    own_logic.answer = answer
    client = Client(start(address=own_logic.address, options=[
        endpoint(collector), "--traces-sample=0", "--projector-enabled=false"]))
    for _ in range(3):
        client.handle(commands(new_root(), b"x"))
    asked = [each for each in seen if each]
    assert len(asked) == len(set(asked)) == 3
    assert {each[-3:] for each in asked} == {"-00"}


def test_rate_is_kept(start, collector, own_logic):
    sidecar = start(address=own_logic.address, options=[
        endpoint(collector), "--traces-sample=0.2", "--projector-enabled=false"])
    client, root = Client(sidecar), new_root()
    for _ in range(500):
        client.handle(commands(root, b"x"))
    assert sidecar.stop() == 0
    assert 50 <= len(collector.spans(HANDLE)) <= 150
    assert len(collector.spans()) == 3 * len(collector.spans(HANDLE))


# Redeliveries


def test_no_trace_grows_with_redeliveries(start, collector, sdk, own_logic):
    """Logic that refuses an event thousands of times: each try is a trace of its own."""
    deliveries = 2000
    def project(book, context):
        context.abort(Status.INTERNAL, "never")

    own_logic.project = project
    sidecar = start(address=own_logic.address, options=[
        endpoint(collector), LISTEN, "--projector-tries=1", "--projector-parked-retry-interval=1ms"])
    client, _ = sdk.call(Client(sidecar).coordinator.Handle, commands(new_root(), b"one"))
    trace, _, _ = ids(client)
    eventually(lambda: len(own_logic.books) >= deliveries, timeout=120)
    delivered = eventually(
        lambda: len(spans := collector.spans(DELIVER)) >= deliveries - 100 and spans, timeout=60)
    sizes = collections.Counter(span.trace for span in collector.spans())
    assert max(sizes.values()) <= 20, sizes.most_common(3)
    assert sizes[trace] == 3
    assert len({span.trace for span in delivered}) == len(delivered)
    assert {link[0] for span in delivered for link in span.links} == {trace}
    assert all(span.failed and span.links for span in delivered)


def test_command_that_is_tried_again_and_again_is_a_small_trace(start, collector, sdk, own_logic):
    """Logic that gives each call up is asked until the deadline."""
    own_logic.answer = lambda request, context: context.abort(Status.UNAVAILABLE, "not yet")
    sidecar = start(address=own_logic.address, options=[endpoint(collector), "--projector-enabled=false"])
    with pytest.raises(grpc.RpcError):
        sdk.call(Client(sidecar).coordinator.Handle, commands(new_root(), b"x"), timeout=4)
    (handle,) = eventually(lambda: collector.spans(HANDLE))
    assert 2 <= len(collector.of_trace(handle.trace)) <= 20


# A collector that does not do what it should


def busy(sidecar, seconds=0.0, calls=30):
    """How long the slowest call took."""
    client, root, slowest, end = Client(sidecar), new_root(), 0, time.monotonic() + seconds
    while calls > 0 or time.monotonic() < end:
        began = time.monotonic()
        client.handle(commands(root, b"x"), timeout=10)
        slowest, calls = max(slowest, time.monotonic() - began), calls - 1
    return slowest


@pytest.mark.parametrize("misbehave", [close_at_once, never_answer, speak_http_1, None], ids=[
    "closes", "silent", "http1", "away"])
def test_calls_do_not_notice_a_broken_collector(start, own_logic, misbehave):
    server = BrokenServer(misbehave) if misbehave else None
    address = server.address if server else free_address()
    sidecar = start(address=own_logic.address, options=[
        f"--traces-endpoint=http://{address}", LISTEN, "--projector-enabled=false", "--drain-timeout=1s"])
    assert busy(sidecar) < 5
    began = time.monotonic()
    assert sidecar.stop() == 0
    assert time.monotonic() - began < 10
    if server:
        server.stop()


@pytest.mark.parametrize("answer", [
    lambda request, context: context.abort(Status.UNAUTHENTICATED, "who are you?"),
    lambda request, context: trace_service_pb2.ExportTraceServiceResponse(
        partial_success=trace_service_pb2.ExportTracePartialSuccess(
            rejected_spans=1 << 60, error_message="too old")),
], ids=["refuses", "rejects"])
def test_what_the_collector_does_not_take_is_counted(start, collector, own_logic, answer):
    collector.answer = answer
    sidecar = start(address=own_logic.address, options=[
        endpoint(collector), LISTEN, "--projector-enabled=false"])
    assert busy(sidecar, calls=5) < 5
    eventually(lambda: counts(sidecar)["failed"] == 15)
    assert counts(sidecar)["exported"] == 0
    eventually(lambda: "who are you?" in sidecar.text or "too old" in sidecar.text)


def test_spans_wait_for_a_collector_that_comes_back(start, own_logic):
    address = free_address()
    sidecar = start(address=own_logic.address, options=[
        f"--traces-endpoint=http://{address}", LISTEN, "--projector-enabled=false"])
    assert busy(sidecar, calls=5) < 5
    collector = Collector(address)
    eventually(lambda: len(collector.spans()) == 15, timeout=60)
    assert counts(sidecar) == {"exported": 15, "dropped": 0, "failed": 0}
    collector.stop()


def test_more_than_the_queue_holds_is_dropped_and_counted(start, collector, own_logic):
    """The collector holds the first request back while the queue fills."""
    over = threading.Event()
    collector.answer = lambda request, context: (
        over.wait(60), trace_service_pb2.ExportTraceServiceResponse())[1]
    sidecar = start(address=own_logic.address, options=[
        endpoint(collector), LISTEN, "--projector-enabled=false"])

    def work():
        client, root = Client(sidecar), new_root()
        while not over.is_set():
            client.handle(commands(root, b"x"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: counts(sidecar)["dropped"] > 0, timeout=60)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    dropped = counts(sidecar)["dropped"]
    # What was answered too late came twice.
    eventually(lambda: counts(sidecar)["exported"] == len({span.id for span in collector.spans()}) >= 8192,
               timeout=60)
    assert counts(sidecar)["failed"] == 0 and counts(sidecar)["dropped"] >= dropped


# Stop, and security


def test_what_is_left_is_sent_when_the_process_ends(start, collector, own_logic):
    sidecar = start(address=own_logic.address, options=[endpoint(collector), "--projector-enabled=false"])
    for _ in range(10):
        Client(sidecar).handle(commands(new_root(), b"x"))
    assert sidecar.stop() == 0
    assert len(collector.spans()) == 30


def test_collector_with_tls_gets_the_headers_it_wants(start, own_logic, certificates, tmp_path):
    credentials = grpc.ssl_server_credentials([
        ((certificates / "server.key").read_bytes(), (certificates / "server.pem").read_bytes())])
    collector = Collector(credentials=credentials)
    (tmp_path / "headers").write_text("# of the test\nX-Api-Key: secret 1\n\ntenant:blue\n")
    options = [f"--traces-endpoint=https://{collector.address}",
               f"--traces-headers-file={tmp_path}/headers", "--traces-service-name=shop",
               "--projector-enabled=false"]
    trusting = [*options, f"--traces-authorities={certificates}/ca.pem"]
    sidecar = start(address=own_logic.address, options=trusting)
    Client(sidecar).handle(commands(new_root(), b"x"))
    assert sidecar.stop() == 0
    assert {span.resource["service.name"] for span in collector.spans()} == {"shop"}
    assert collector.metadata[0].items() >= {"x-api-key": "secret 1", "tenant": "blue"}.items()
    # The system knows nothing of the test's authority.
    stranger = start(address=own_logic.address, options=[*options, LISTEN, "--drain-timeout=1s"])
    Client(stranger).handle(commands(new_root(), b"x"))
    assert stranger.stop() == 0
    assert len(collector.spans()) == 3
    collector.stop()


@pytest.mark.parametrize("settings, message", [
    (["--traces-endpoint=collector:4317"], "https://HOST:PORT"),
    (["--traces-endpoint=http://collector/v1/traces"], "https://HOST:PORT"),
    (["--traces-endpoint=http://collector:4317", "--traces-headers-file=x"], "in the clear"),
    (["--traces-endpoint=http://127.0.0.1:1", "--traces-authorities=x"], "only a collector at https"),
    (["--traces-endpoint=https://127.0.0.1:1", "--traces-authorities=/none"], "traces.authorities"),
    (["--traces-endpoint=http://127.0.0.1:1", "--traces-headers-file=/none"], "traces.headers-file"),
    (["--traces-endpoint=http://127.0.0.1:1", "--traces-sample=1.5"], "from 0 to 1"),
    (["--traces-endpoint=http://collector:4317", "--strict-security"], "to the collector http://collector:4317"),
])
def test_wrong_settings_are_named(start, settings, message):
    with pytest.raises(DidNotStart, match=message):
        start(options=settings)


def test_wrong_headers_are_named(start, tmp_path):
    (tmp_path / "headers").write_text("tenant: blue\nnonsense\n")
    with pytest.raises(DidNotStart, match="line 2 is not a header"):
        start(options=["--traces-endpoint=http://127.0.0.1:1", f"--traces-headers-file={tmp_path}/headers"])


def test_opentelemetrys_own_variables_are_heeded(start, collector, own_logic, monkeypatch):
    for name, value in {
        "EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}", "EXPORTER_OTLP_HEADERS": "X-Key=a%2Cb",
        "SERVICE_NAME": "shop", "RESOURCE_ATTRIBUTES": "deployment.environment=test,outrider.role=none",
        "TRACES_SAMPLER": "always_on",
    }.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    sidecar = start(address=own_logic.address)
    Client(sidecar).handle(commands(new_root(), b"one"))
    (span,) = eventually(lambda: collector.spans(HANDLE))
    assert span.resource["service.name"] == "shop"
    assert span.resource["deployment.environment"] == "test"
    assert span.resource["outrider.role"] != "none"
    assert collector.metadata[0]["x-key"] == "a,b"


def test_other_protocol_of_opentelemetrys_variables_is_told_and_costs_nothing_else(
        start, collector, own_logic, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{collector.address}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    sidecar = start(address=own_logic.address)
    Client(sidecar).handle(commands(new_root(), b"one"))
    (line,) = [line for line in sidecar.text.splitlines() if "OTEL_EXPORTER_OTLP_PROTOCOL" in line]
    assert "http/protobuf" in line and "spans leave by grpc alone" in line
    assert not collector.spans()
