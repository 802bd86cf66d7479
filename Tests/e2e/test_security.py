"""Who may reach a sidecar, and what they may do there: with real certificates and tokens."""

import hashlib
import json
import socket
import ssl
import subprocess
import time

import grpc
import pytest
from certificates import issue, openssl
from client import Status, commands, eventually, new_root
from evented import evented_pb2_grpc
from google.protobuf import empty_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from outrider.v1 import log_pb2, log_pb2_grpc
from sidecar import DOMAIN, DidNotStart
from tokens import encoded, key_set, token


@pytest.fixture
def secured(start, logic_process, certificates, tmp_path):
    """Starts a sidecar with TLS, these options, and this configuration file."""

    def secured(file="", *options):
        path = tmp_path / "outrider.yaml"
        path.write_text(file)
        return start(address=logic_process.address, options=[
            f"--config={path}", f"--tls-certificate={certificates}/server.pem",
            f"--tls-key={certificates}/server.key", *options])

    return secured


def channel(sidecar, certificates, name=None, role="command-handler"):
    def read(file):
        return (certificates / file).read_bytes()

    credentials = grpc.ssl_channel_credentials(
        read("ca.pem"), *([read(f"{name}.key"), read(f"{name}.pem")] if name else []))
    return grpc.secure_channel(sidecar.addresses[role], credentials)


def code(call):
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.code()


def handle(to, metadata=None):
    return evented_pb2_grpc.BusinessCoordinatorStub(to).Handle(
        commands(new_root(), b"one"), timeout=10, metadata=metadata)


def test_certificate_opens_what_the_policy_allows(secured, certificates):
    sidecar = secured(
        f"""
policy:
  - callers: ["spiffe://shop/*"]
    methods: ["evented.BusinessCoordinator/*"]
    domains: [{DOMAIN}]
  - callers: ["dns:other"]
    methods: ["evented.EventQuery/*"]
    domains: [elsewhere]
""", f"--tls-client-authorities={certificates}/ca.pem", "--strict-security")
    with channel(sidecar, certificates, "web") as web:
        assert handle(web).books
    with channel(sidecar, certificates, "other") as other:
        assert code(lambda: handle(other)) == Status.PERMISSION_DENIED
    with channel(sidecar, certificates, "other", "query-handler") as other:
        roots = evented_pb2_grpc.EventQueryStub(other).GetAggregateRoots(empty_pb2.Empty(), timeout=10)
        assert list(roots) == []  # those of the other domain are not for it
    with channel(sidecar, certificates) as nobody:
        assert code(lambda: handle(nobody)) == Status.UNAVAILABLE
    with grpc.insecure_channel(sidecar.addresses["command-handler"]) as plain:
        assert code(lambda: handle(plain)) == Status.UNAVAILABLE


def test_token_names_the_caller(secured, certificates, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured("policy: [{callers: [web]}]", f"--tokens-keys={keys}")

    def bearer(*arguments, **options):
        return [("authorization", f"Bearer {token(*arguments, **options)}")]

    with channel(sidecar, certificates) as to:
        assert handle(to, bearer("web")).books
        assert handle(to, bearer("web")).books
        assert code(lambda: handle(to)) == Status.UNAUTHENTICATED
        assert code(lambda: handle(to, bearer("other"))) == Status.PERMISSION_DENIED
        assert code(lambda: handle(to, bearer("web", lifetime=-120))) == Status.UNAUTHENTICATED
        forged = bearer("web", secret=hashlib.sha256(b"guess").digest())
        assert code(lambda: handle(to, forged)) == Status.UNAUTHENTICATED
        health = health_pb2_grpc.HealthStub(to).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert health.status != health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def test_stream_ends_with_its_token(secured, certificates, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured("", f"--tokens-keys={keys}")

    def bearer(lifetime):
        return [("authorization", f"Bearer {token('web', lifetime)}")]

    with channel(sidecar, certificates) as to:
        assert handle(to, bearer(60)).books
    with channel(sidecar, certificates, role="query-handler") as to:
        # Clocks may differ by a minute, so this one is taken for two more seconds.
        followed = log_pb2_grpc.LogStub(to).Read(
            log_pb2.ReadLogRequest(domain=DOMAIN, follow=True), timeout=30, metadata=bearer(-58))
        assert next(followed).book.pages
        assert code(lambda: list(followed)) == Status.UNAUTHENTICATED


def followed_with_a_brief_certificate(sidecar, certificates, metadata):
    """A call that reads the log, opened with a certificate that expires soon, and its channel."""
    seconds = 3
    while True:
        issue(certificates, "brief", "DNS:brief", seconds)
        to = channel(sidecar, certificates, "brief", "query-handler")
        followed = log_pb2_grpc.LogStub(to).Read(
            log_pb2.ReadLogRequest(domain=DOMAIN, follow=True), timeout=120, metadata=metadata)
        try:
            assert next(followed).book.pages
            return to, followed
        except grpc.RpcError as error:
            to.close()
            # On a busy machine it has expired before the call was opened.
            assert seconds < 60 and error.code() in (Status.UNAVAILABLE, Status.UNAUTHENTICATED)
            seconds *= 2


@pytest.mark.parametrize("with_token", [False, True], ids=["certificate", "token"])
def test_stream_ends_with_the_certificate_of_its_connection(secured, certificates, tmp_path, with_token):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured(
        "", f"--tls-client-authorities={certificates}/ca.pem", *([f"--tokens-keys={keys}"] if with_token else []))
    # The token is good for longer than the certificate.
    bearer = [("authorization", f"Bearer {token('web', 3600)}")] if with_token else None
    with channel(sidecar, certificates, "web") as web:
        assert handle(web, bearer).books
    with channel(sidecar, certificates, "web", "query-handler") as lasting:
        other = log_pb2_grpc.LogStub(lasting).Read(
            log_pb2.ReadLogRequest(domain=DOMAIN, follow=True), timeout=120, metadata=bearer)
        assert next(other).book.pages
        to, followed = followed_with_a_brief_certificate(sidecar, certificates, bearer)
        with to:
            assert code(lambda: list(followed)) == Status.UNAUTHENTICATED
        # A stream of another connection goes on.
        with channel(sidecar, certificates, "web") as web:
            assert handle(web, bearer).books
        assert next(other).book.pages


def test_token_alone_opens_nothing_where_certificates_are_asked_for(secured, certificates, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured(
        'policy: [{callers: ["token:web"]}]', f"--tokens-keys={keys}",
        f"--tls-client-authorities={certificates}/ca.pem")
    bearer = [("authorization", f"Bearer {token('web')}")]
    with channel(sidecar, certificates) as to:
        assert code(lambda: handle(to, bearer)) == Status.UNAVAILABLE
    with channel(sidecar, certificates, "web") as to:
        assert handle(to, bearer).books
        assert code(lambda: handle(to)) == Status.PERMISSION_DENIED


def test_name_of_a_certificate_is_no_subject_of_a_token(secured, certificates, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured(
        'policy: [{callers: ["dns:other"]}]', f"--tokens-keys={keys}",
        f"--tls-client-authorities={certificates}/ca.pem")
    with channel(sidecar, certificates, "other") as other:
        assert handle(other).books
    with channel(sidecar, certificates, "web") as web:
        subject = [("authorization", f"Bearer {token('other')}")]
        assert code(lambda: handle(web, subject)) == Status.PERMISSION_DENIED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_of_a_client_certificate_is_not_resumed(secured, certificates, version):
    """Resuming would check no certificate again, long after it has expired."""
    sidecar = secured("", f"--tls-client-authorities={certificates}/ca.pem")
    host, port = sidecar.addresses["command-handler"].rsplit(":", 1)
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    context.load_cert_chain(certificates / "web.pem", certificates / "web.key")
    context.set_alpn_protocols(["h2"])
    context.minimum_version = context.maximum_version = version

    def connect(session=None):
        with socket.create_connection((host, int(port)), timeout=10) as plain, \
                context.wrap_socket(plain, server_hostname=host, session=session) as secure:
            secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
            assert secure.recv(9)  # tickets come ahead of the first frame
            return secure.session, secure.session_reused

    session, _ = connect()
    assert connect(session)[1] is False


@pytest.mark.parametrize("policy, expected", [
    ("{methods: [evented.EventQuery/GetEvnts]}", "did you mean evented.EventQuery/GetEvents?"),
    ('{callers: ["dns:kim"]}', "tls.client-authorities"),
])
def test_rule_that_can_mean_nothing_stops_the_start(secured, tmp_path, policy, expected):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    with pytest.raises(DidNotStart) as failure:
        secured(f"policy: [{policy}]", f"--tokens-keys={keys}")
    assert expected in str(failure.value)


def test_denied_call_is_logged_with_who_what_and_why(secured, certificates, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(key_set())
    sidecar = secured(
        f'policy: [{{callers: ["token:web"], domains: [{DOMAIN}x]}}]', f"--tokens-keys={keys}",
        "--log-format=json")

    def denied(subject, **options):
        with channel(sidecar, certificates) as to:
            code(lambda: handle(to, [("authorization", f"Bearer {token(subject, **options)}")]))

    denied("web")
    denied("kim")
    denied("web", lifetime=-120)

    def lines():
        logged = [json.loads(line) for line in sidecar.output if line.startswith("{")]
        return [line for line in logged if line["message"] == "a call was denied"]

    eventually(lambda: len(lines()) == 3)
    assert [line["level"] for line in lines()] == ["info"] * 3
    assert {line["method"] for line in lines()} == {"evented.BusinessCoordinator/Handle"}
    assert [(line["caller"], line["error"]) for line in lines()] == [
        ("token:web", f'the caller may not do this to the domain "{DOMAIN}"'),
        ("token:kim", "token:kim may not call evented.BusinessCoordinator/Handle"),
        ("somebody", "the token has expired"),
    ]


def test_token_is_checked_by_a_certificate(secured, certificates, tmp_path):
    openssl(tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "keys.pem",
            "-subj", "/CN=issuer", "-days", "2")
    sidecar = secured("policy: [{callers: [web]}]", f"--tokens-keys={tmp_path}/keys.pem")

    def bearer(subject):
        claims = json.dumps({"sub": subject, "exp": int(time.time()) + 60}).encode()
        signed = encoded(b'{"alg": "RS256"}') + b"." + encoded(claims)
        (tmp_path / "signed").write_bytes(signed)
        openssl(tmp_path, "dgst", "-sha256", "-sign", "key", "-out", "signature", "signed")
        token = signed + b"." + encoded((tmp_path / "signature").read_bytes())
        return [("authorization", f"Bearer {token.decode()}")]

    with channel(sidecar, certificates) as to:
        assert handle(to, bearer("web")).books
        assert code(lambda: handle(to, bearer("other"))) == Status.PERMISSION_DENIED
        secret = [("authorization", f"Bearer {token('web', secret=(tmp_path / 'keys.pem').read_bytes())}")]
        assert code(lambda: handle(to, secret)) == Status.UNAUTHENTICATED


def test_keys_that_check_nothing_are_refused(secured, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "AA", "y": "AA"}]}')
    with pytest.raises(DidNotStart, match="tokens.keys: .*the key a is not a point of P-256"):
        secured("", f"--tokens-keys={keys}")


def test_command_line_shows_certificate_and_token(secured, certificates, tmp_path, executable):
    keys, shown = tmp_path / "keys.json", tmp_path / "token"
    keys.write_text(key_set())
    shown.write_text(token("web") + "\n")
    sidecar = secured("", f"--tokens-keys={keys}")

    def roots(*options):
        return subprocess.run(
            [executable, "roots", f"--address={sidecar.addresses['query-handler']}",
             f"--tls-authorities={certificates}/ca.pem", *options], capture_output=True, text=True)

    assert roots(f"--token-file={shown}").returncode == 0
    refused = roots()
    assert refused.returncode != 0
    assert "certificate" in refused.stderr


def test_strict_security_refuses_an_open_server(start):
    with pytest.raises(DidNotStart, match="strict security forbids"):
        start(options=["--host=0.0.0.0", "--strict-security"])
