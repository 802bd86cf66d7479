"""Passwords and TLS."""

import pytest
from certificates import sign_itself
from engine import Engine
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, OperationFailure, ServerSelectionTimeoutError

USER, PASSWORD = "events", "pä=ss,w/o@r:d"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, is_ours):
    if not is_ours:
        pytest.skip("of the engine only")
    engine = Engine(tmp_path_factory.mktemp("guarded")).start(f"--user={USER}", f"--password={PASSWORD}")
    yield engine
    engine.stop()


@pytest.fixture
def address(guarded):
    return guarded.uri.split("@")[-1].split("/")[0]


def login(address, user, password, **options):
    return MongoClient(f"mongodb://{address}/", username=user, password=password, serverSelectionTimeoutMS=10_000, **options)


def test_the_right_password_opens(guarded, address):
    with guarded.client() as client, login(address, USER, PASSWORD, authMechanism="SCRAM-SHA-256") as other:
        client.test.log.insert_one({"_id": 1})
        assert other.test.log.find_one() == {"_id": 1}


@pytest.mark.parametrize("user, password", [(USER, "wrong"), ("nobody", PASSWORD), ("=,", PASSWORD)])
def test_others_are_refused(address, user, password):
    with login(address, user, password) as client, pytest.raises(OperationFailure) as refused:
        client.test.log.find_one()
    assert refused.value.code == 18


def test_nothing_is_done_without_a_login(address):
    with MongoClient(f"mongodb://{address}/") as client:
        assert client.admin.command("ping")["ok"] == 1
        asked = (
            client.test.log.find_one, lambda: client.test.log.insert_one({}),
            lambda: client.admin.command("configureFailPoint", "failCommand"))
        for ask in asked:
            with pytest.raises(OperationFailure) as refused:
                ask()
            assert refused.value.code == 13


def test_other_mechanisms_are_refused(address):
    with login(address, USER, PASSWORD, authMechanism="SCRAM-SHA-1") as client:
        with pytest.raises((OperationFailure, ConfigurationError)):
            client.test.log.find_one()


def test_tls(own, tmp_path):
    sign_itself(tmp_path, "server", "IP:127.0.0.1")
    certificate, both = tmp_path / "server.pem", tmp_path / "both.pem"
    both.write_text((tmp_path / "server.key").read_text() + certificate.read_text())
    own.start(f"--tls={both}")
    with own.client(tlsCAFile=str(certificate)) as client:
        client.test.log.insert_one({"_id": 1})
        assert client.test.log.find_one() == {"_id": 1}
    with own.client(serverSelectionTimeoutMS=300) as stranger, pytest.raises(ServerSelectionTimeoutError, match="certificate"):
        stranger.admin.command("ping")
    with MongoClient(own.uri.replace("&tls=true", ""), serverSelectionTimeoutMS=300) as plain, pytest.raises(ServerSelectionTimeoutError):
        plain.admin.command("ping")
