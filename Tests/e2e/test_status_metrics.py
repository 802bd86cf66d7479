"""Everything that `outrider status` shows is a metric, field by field."""

import json
from collections import Counter

import grpc
import pytest
from certificates import sign_itself
from client import Client, eventually, new_root
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from logic import Logic, count
from outrider.v1 import saga_pb2, status_pb2
from test_metrics import LISTEN, scrape
from test_sagas import book
from test_status import WARNING, Screen

ANY = 1e15  # what moves from one look to the next: there is a figure, and one only


class Figure:
    """The metric of a field. `value` is the field's in the metric's unit; `within` is how far it may have moved between
    two looks. There is one only for those parts of which `where` holds."""

    def __init__(self, metric, labels=lambda part: {}, value=float, within=0, where=lambda part: True):
        self.metric, self.labels, self.value, self.within, self.where = metric, labels, value, within, where

    def difference(self, part, field, samples):
        if not self.where(part):
            return None
        labels = self.labels(part)
        found = [each.value for each in samples if each.name == self.metric and each.labels.items() >= labels.items()]
        if len(found) != 1 or abs(found[0] - self.value(field)) > self.within:
            return f"{self.metric} {labels} is {found}, not {self.value(field)}"


def role(part):
    return {"role": part.role}


def logic(part):
    return {"target": part.address, "purpose": part.purpose}


def follower(part):
    return {"subscription": part.name, "domain": part.domain, "partition": str(part.partition)}


def domain(part):
    return {"domain": part.domain}


def microseconds(field):
    return field / 1e6


def is_there(field):
    return float(field.ByteSize() > 0)


def has_clock(store):
    return store.has_clock


def has_space(store):
    return store.total_bytes


def has_timers(part):
    return part.HasField("timers")


#: Each field of the state: its metric, or why there is none. What stands in a list is compared by its labels.
FIELDS = {
    "process": "a name",
    "version": "a label of outrider_build_info",
    "now": "the time of the scrape",
    "started_at": Figure("process_start_time_seconds", value=lambda field: field.ToNanoseconds() / 1e9, within=20),
    "domains_left_out": Figure("outrider_domains_left_out"),
    "roles.role": "a label",
    "roles.address": "the instance",
    "roles.serving": Figure("outrider_serving", role),
    "store.kind": "a label",
    "store.place": "text",
    "store.reachable": Figure("outrider_store_reachable", lambda store: {"kind": store.kind}),
    "store.error": "text",
    "store.latency_us": Figure("outrider_store_probe_seconds", value=microseconds, within=ANY),
    "store.takes_commits": Figure("outrider_store_writable"),
    "store.free_bytes": Figure("outrider_store_free_bytes", within=ANY, where=has_space),
    "store.total_bytes": Figure("outrider_store_size_bytes", where=has_space),
    "store.has_clock": "there are figures of the clock",
    "store.clock_offset_us": Figure("outrider_clock_offset_seconds", value=microseconds, within=ANY, where=has_clock),
    "store.clock_error_us": Figure("outrider_clock_error_seconds", value=microseconds, within=ANY, where=has_clock),
    "logic.address": "a label",
    "logic.purpose": "a label",
    "logic.reachable": Figure("outrider_logic_reachable", logic),
    "logic.slow": "a finding",
    "logic.error": "text",
    "logic.latency_us": Figure(
        "outrider_logic_probe_seconds", logic, microseconds, within=ANY, where=lambda part: part.reachable),
    "broker.name": "text",
    "broker.place": "text",
    "followers.kind": "a word",
    "followers.name": "a label",
    "followers.domain": "a label",
    "followers.partition": "a label",
    "followers.checkpoint": Figure("outrider_subscription_position", follower),
    "followers.head": Figure("outrider_subscription_head", follower),
    "followers.lag_ms": Figure("outrider_subscription_lag_seconds", follower, within=ANY),
    "followers.lease.holder": Figure("outrider_lease_held", follower, lambda holder: float(holder != "")),
    "followers.lease.since": "the counter of changes rose then",
    "followers.lease.changes": Figure("outrider_lease_changes_total", follower),
    "followers.lease.changes_lately": "what the counter of changes rose by",
    "followers.parked": Figure("outrider_parked_aggregates", follower),
    "followers.first_parked": "a name and text",
    "followers.refused": Figure("outrider_refused_aggregates", follower, len),
    "followers.circuit_open": Figure("outrider_subscription_circuit_open", follower),
    "followers.channel_failure": Figure("outrider_subscription_channel_failing", follower, is_there),
    "followers.set_aside": Figure("outrider_subscription_set_aside_total", follower),
    "followers.set_aside_at": "the counter rose then",
    "followers.error": "a finding",
    "followers.waits_for": Figure("outrider_subscription_domains_away", follower, len),
    "followers.dead_letters": Figure(
        "outrider_subscription_dead_letters", follower, where=lambda part: part.dead_letters),
    "followers.timers.set": Figure("outrider_timers", follower, where=has_timers),
    "followers.timers.due": Figure("outrider_timers_due", follower, where=has_timers),
    "certificates.purpose": "a label",
    "certificates.file": "a label",
    "certificates.expires_at": Figure(
        "outrider_certificate_expiry_seconds", lambda part: {"purpose": part.purpose, "file": part.file}, within=ANY,
        value=lambda field: field.seconds),
    "certificates.error": "a finding",
    "histories.domain": "a label",
    "histories.root": "a name",
    "histories.events": Figure("outrider_longest_history_events", domain),
    "histories.bytes": Figure("outrider_longest_history_bytes", domain),
    "findings": "counted by code",
}
#: Messages whose fields are fields of the state; all others count as one.
PARTS = {"RoleStatus", "StoreStatus", "LogicStatus", "BrokerStatus", "FollowerStatus", "LeaseStatus", "TimerStatus",
         "CertificateStatus", "HistoryStatus"}


def paths(message, prefix=""):
    for field in message.fields:
        if field.message_type and field.message_type.name in PARTS:
            yield from paths(field.message_type, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


def differences(status, samples):
    """Where the state and the metrics do not say the same."""
    for path, figure in FIELDS.items():
        if isinstance(figure, str):
            continue
        whole, *within = path.split(".")
        found = getattr(status, whole) if within else status
        for part in [found] if found is status or hasattr(found, "DESCRIPTOR") else found:
            field = part
            for name in within or [whole]:
                field = getattr(field, name)
            if difference := figure.difference(part, field, samples):
                yield f"{path}: {difference}"
    codes = Counter(finding.code for finding in status.findings)
    for sample in samples:
        if sample.name == "outrider_findings" and sample.value != codes[sample.labels["code"]]:
            yield f"findings: {sample}, not {codes}"


def test_each_field_is_known():
    assert set(paths(status_pb2.ProcessStatus.DESCRIPTOR)) == set(FIELDS)


@pytest.fixture
def shop_logic():
    logic = Logic()
    yield logic
    logic.stop()


@pytest.fixture
def troubled(start, shop_logic, gate, shared_store, tmp_path):
    """A sidecar with timers, a parked instance, a refused aggregate, a long history, and a certificate that expires."""
    sick = new_root()

    def react(given, context):
        answer = saga_pb2.SagaReaction()
        if given.HasField("timer"):
            gate.wait(60)
        elif given.key == "broken":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such case")
        elif given.key == "slow":
            answer.timers.add(name="past").due.CopyFrom(Timestamp(seconds=1_000_000_000))
            for number in range(2):
                answer.timers.add(name=f"{number}").after.FromSeconds(600)
        return answer

    def project(given, context):
        if given.cover.root.value == sick:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "not to my liking")
        return count(given, context)

    shop_logic.react, shop_logic.project = react, project
    sign_itself(tmp_path, "ca")
    config, address = tmp_path / "shop.yaml", shop_logic.address
    config.write_text(f"""
domains:
  - name: order
    logic: {{address: "{address}"}}
    projectors: [{{name: balance, address: "{address}", tries: 1000, retry-time: 60s}}]
sagas:
  - {{name: ship, domains: [order], logic: {{address: "{address}"}}, tries: 1, deadline: 60s}}
limit: {{history-warning: 10KiB}}
tls: {{peer-authorities: {tmp_path}/ca.pem}}
""")
    sidecar = start(data=shared_store, config=config, options=[LISTEN])
    client, long = Client(sidecar), new_root()
    client.handle(book("order", new_root(), b"x", correlation="broken"))
    client.handle(book("order", new_root(), b"x", correlation="slow"))
    client.handle(book("order", sick, b"x"))
    for _ in range(8):
        client.handle(book("order", long, b"x" * 2000))
    yield sidecar


def test_state_and_metrics_are_the_same(executable, troubled):
    address = troubled.addresses["query-handler"]

    def status():
        shown = json.loads(Screen(executable, [address, "--json"]).text.splitlines()[0])
        return json_format.ParseDict(shown["status"], status_pb2.ProcessStatus())

    def has_come_true():
        shown = status()
        found = {(each.domain, each.name): each for each in shown.followers}
        ship, balance = found.get(("$saga.ship", "ship")), found.get(("order", "balance"))
        return (ship and ship.parked == 1 and (ship.timers.set, ship.timers.due) == (3, 1)
                and balance and len(balance.refused) == 1 and shown.histories)

    eventually(has_come_true, 30)

    def same():
        samples = [sample for family in scrape(troubled).values() for sample in family.samples]
        last[:] = differences(status(), samples)
        return not last

    last = []
    try:
        eventually(same, 20)
    except AssertionError:
        raise AssertionError("\n".join(last)) from None
    screen = Screen(executable, [address])
    assert screen.exit == WARNING
    assert "3 timers, 1 due" in screen.text and "1 parked" in screen.text and "1 refused" in screen.text
