"""Kafka behind TLS and SASL: events go through, what is wrong is named, and no password is told."""

import shutil
import subprocess
from urllib.parse import quote, urlencode

import pytest
from apart import PATIENCE, Apart, Load
from brokers import Kafka
from certificates import issue, sign_itself
from client import eventually

USER, PASSWORD = "ann", "s3cr&t%=?"
OTHER = "n0t-it"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """What a broker finds in DIR/tls, and its clients: the broker's certificate is for 127.0.0.1, `elsewhere` for another
    host, and nobody whom the broker trusts signed `stranger`."""
    place = tmp_path_factory.mktemp("tls")
    sign_itself(place, "ca")
    issue(place, "server", "IP:127.0.0.1")
    issue(place, "elsewhere", "DNS:elsewhere.example")
    issue(place, "client", "DNS:client")
    sign_itself(place, "stranger", "DNS:stranger")
    return place


@pytest.fixture(scope="module")
def secured(tmp_path_factory, certificates):
    """Starts brokers that want TLS, a client certificate and a password. The certificate is the one of that name."""
    started = []

    def start(certificate="server"):
        broker = Kafka(tmp_path_factory.mktemp("kafka"))
        shutil.copytree(certificates, broker.directory / "tls")
        for ending in ".pem", ".key":
            shutil.copy(certificates / f"{certificate}{ending}", broker.directory / f"tls/server{ending}")
        started.append(broker.start(
            "--memory", "--tls", "--client-certificates", f"--user={USER}", f"--password={PASSWORD}"))
        return broker

    yield start
    for broker in started:
        broker.kill()


@pytest.fixture(scope="module")
def broker(secured):
    return secured()


def uri(broker, certificates, mechanism="PLAIN", **others):
    """All that the broker wants, with other values where they are given; None leaves one out."""
    options = {
        "security.protocol": "sasl_ssl", "sasl.mechanism": mechanism, "sasl.username": USER, "sasl.password": PASSWORD,
        "ssl.ca.location": certificates / "ca.pem", "ssl.certificate.location": certificates / "client.pem",
        "ssl.key.location": certificates / "client.key",
    } | {name.replace("_", "."): value for name, value in others.items()}
    return f"kafka://{broker.uri}?" + urlencode(
        {name: value for name, value in options.items() if value is not None}, quote_via=quote)


def tells_no_password(*texts):
    return all(secret not in text for text in texts for secret in (PASSWORD, quote(PASSWORD, safe=""), OTHER))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_events_go_through_tls_and_sasl(start, projector_logic, tmp_path, broker, certificates, mechanism):
    channel = uri(broker, certificates, mechanism, topic=f"over-{mechanism}")
    apart = Apart(start, projector_logic, channel, "kafka", tmp_path, more=["--log-level=debug"])
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 20, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    assert "the message channel failed" not in apart.writer.text + apart.projector.text
    assert tells_no_password(apart.writer.text, apart.projector.text)


@pytest.mark.parametrize("wrong, said", [
    ({"ssl_ca_location": "stranger.pem"}, "certificate verify failed"),
    ({"ssl_certificate_location": None, "ssl_key_location": None}, "see security.protocol and the ssl options"),
    ({"ssl_certificate_location": "stranger.pem", "ssl_key_location": "stranger.key"}, "see security.protocol and the ssl options"),
    ({"security_protocol": "sasl_plaintext"}, "see security.protocol and the ssl options"),
    ({"sasl_password": OTHER}, "see security.protocol, sasl.mechanism, sasl.username and sasl.password"),
    ({"sasl_password": OTHER, "mechanism": "SCRAM-SHA-256"}, "sasl.password"),
    ({"sasl_username": "bob", "mechanism": "SCRAM-SHA-512"}, "sasl.username"),
], ids=["authority", "no certificate", "certificate", "no TLS", "password", "SCRAM password", "user"])
def test_what_is_wrong_is_named_and_commands_go_on(start, projector_logic, tmp_path, broker, certificates, wrong, said):
    paths = {
        name: certificates / value if "location" in name and value else value for name, value in wrong.items()}
    names_the_reason(start, projector_logic, tmp_path, uri(broker, certificates, **paths), said)


def test_a_certificate_for_another_host_is_not_taken(start, projector_logic, tmp_path, secured, certificates):
    names_the_reason(
        start, projector_logic, tmp_path, uri(secured("elsewhere"), certificates), "certificate verify failed")


def names_the_reason(start, projector_logic, tmp_path, channel, said):
    apart = Apart(start, projector_logic, channel, "kafka", tmp_path)
    with Load(apart) as load:
        eventually(lambda: "the message channel failed" in apart.writer.text, PATIENCE)
        before = load.total
        eventually(lambda: load.total > before + 20, PATIENCE)
    line = next(line for line in apart.writer.text.splitlines() if "the message channel failed" in line)
    assert said in line.lower(), line
    assert tells_no_password(apart.writer.text)


def test_the_configuration_is_shown_without_the_password(executable, broker, certificates):
    shown = subprocess.run(
        [executable, "config", "show", f"--channel={uri(broker, certificates)}"], capture_output=True, text=True, timeout=20)
    assert shown.returncode == 0, shown.stderr
    assert "sasl.username=ann" in shown.stdout
    assert tells_no_password(shown.stdout, shown.stderr)
