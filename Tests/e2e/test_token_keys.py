"""Token keys that an issuer publishes on the web."""

import grpc
import pytest
from client import Status, commands, eventually, new_root
from evented import evented_pb2_grpc
from issuer import Issuer
from listening import free_address
from sidecar import DidNotStart
from tokens import SECRET, key_set, token

NEW_SECRET = SECRET[::-1]


@pytest.fixture
def guarded(start, logic_process):
    """Starts a sidecar with these options."""
    return lambda *options: start(address=logic_process.address, options=options)


@pytest.fixture
def issuer():
    issuers = []

    def issuer(*arguments, **options):
        issuers.append(Issuer(*arguments, **options))
        return issuers[-1]

    yield issuer
    for each in issuers:
        each.stop()


def outcome(sidecar, secret=SECRET):
    """The code of a call with a token that the secret signed, and its message."""
    with grpc.insecure_channel(sidecar.addresses["command-handler"]) as channel:
        try:
            evented_pb2_grpc.BusinessCoordinatorStub(channel).Handle(
                commands(new_root(), b"one"), timeout=20,
                metadata=[("authorization", f"Bearer {token('web', secret=secret)}")])
        except grpc.RpcError as error:
            return error.code(), error.details()
    return Status.OK, ""


def comes_to(expected, *arguments):
    """Calls until that is the outcome."""
    eventually(lambda: outcome(*arguments)[0] == expected, timeout=60)


def test_keys_come_from_the_issuer_and_follow_it(guarded, issuer):
    issuer = issuer(key_set())
    sidecar = guarded(f"--tokens-keys={issuer.url}")
    comes_to(Status.OK, sidecar)
    assert set(issuer.asked) == {("/keys?of=tests", f"127.0.0.1:{issuer.server.server_port}")}
    assert outcome(sidecar, NEW_SECRET)[0] == Status.UNAUTHENTICATED

    issuer.document = key_set(NEW_SECRET)
    comes_to(Status.OK, sidecar, NEW_SECRET)
    assert outcome(sidecar)[0] == Status.UNAUTHENTICATED


def test_tokens_wait_for_an_issuer_that_is_not_there_yet(guarded, issuer):
    address = free_address()
    sidecar = guarded(f"--tokens-keys=http://{address}/keys")
    code, details = outcome(sidecar)
    assert code == Status.UNAVAILABLE and "the keys that check tokens are not here yet" in details
    issuer(key_set(), port=int(address.rsplit(":", 1)[1]))
    comes_to(Status.OK, sidecar)


def test_bad_answers_leave_the_old_keys(guarded, issuer):
    issuer = issuer(key_set())
    sidecar = guarded(f"--tokens-keys={issuer.url}")
    comes_to(Status.OK, sidecar)
    answers = {
        "an object": (200, {}, "{}"),
        "no JSON": (200, {}, "<html>"),
        "too long": (200, {}, " " * (2 << 20)),
        "elsewhere": (302, {"location": issuer.url}, ""),
        "broken": (500, {}, key_set(NEW_SECRET)),
    }
    for issuer.status, issuer.headers, issuer.document in answers.values():
        count = len(issuer.asked)
        while len(issuer.asked) == count:
            assert outcome(sidecar, NEW_SECRET)[0] == Status.UNAUTHENTICATED
        assert outcome(sidecar)[0] == Status.OK
    failures = [line for line in sidecar.output if "the old token keys stay" in line]
    assert len(failures) >= len(answers)
    assert any("302" in line for line in failures)


def test_issuer_proves_who_it_is(guarded, issuer, certificates):
    issuer = issuer(key_set(), certificate=certificates / "server")
    trusting = guarded(
        f"--tokens-keys={issuer.url}", f"--tokens-keys-authorities={certificates}/ca.pem")
    comes_to(Status.OK, trusting)
    doubting = guarded(f"--tokens-keys={issuer.url}")
    while not any("CERTIFICATE_VERIFY_FAILED" in line for line in doubting.output):
        assert outcome(doubting)[0] == Status.UNAVAILABLE
    assert outcome(doubting)[0] == Status.UNAVAILABLE


@pytest.mark.parametrize("options, message", [
    (["--tokens-keys=http://login.example/keys"], "tokens.keys.*allowed: the path of a file, or https://"),
    (["--tokens-keys=https://login.example@elsewhere/keys"], "tokens.keys.*allowed"),
    (["--tokens-keys=keys.json", "--tokens-keys-authorities=ca.pem"], "tokens.keys-authorities.*only keys that come by https"),
    (["--tokens-keys=https://login.example/keys", "--tokens-keys-authorities=nothing.pem"], "tokens.keys-authorities.*nothing.pem"),
])
def test_what_cannot_be_asked_is_refused_at_the_start(guarded, options, message):
    with pytest.raises(DidNotStart, match=message):
        guarded(*options)
