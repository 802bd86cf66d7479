"""Fail points: the server that a fault test needs."""

import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, BulkWriteError, NetworkTimeout, OperationFailure, WriteConcernError


@pytest.fixture
def once(server):
    """A client that tries everything once."""
    with MongoClient(server, retryWrites=False, retryReads=False, serverSelectionTimeoutMS=10_000) as client:
        yield client


@pytest.fixture
def log(once, database):
    return once[database.name].log


def test_an_error_as_often_as_asked(log, fail):
    fail(["insert"], times=2, errorCode=10107)
    for _ in range(2):
        with pytest.raises(AutoReconnect) as failed:
            log.insert_one({})
        assert failed.value.details["code"] == 10107
    log.insert_one({"_id": 1})
    assert log.count_documents({}) == 1


def test_only_the_commands_named_fail(log, fail):
    fail(["find", "aggregate"], times=None, errorCode=50)
    log.insert_one({"_id": 1})
    for _ in range(3):
        with pytest.raises(OperationFailure) as failed:
            log.find_one()
        assert failed.value.code == 50


def test_only_the_collection_named_fails(log, fail):
    fail(["insert"], times=None, errorCode=50, namespace=log.full_name)
    log.database.other.insert_one({})
    with pytest.raises(OperationFailure):
        log.insert_one({})


def test_only_the_application_named_fails(server, log, fail):
    fail(["insert"], times=None, errorCode=50, appName="named")
    log.insert_one({})
    with MongoClient(server, appName="named") as named, pytest.raises(OperationFailure):
        named[log.database.name].log.insert_one({})


def test_fail_points_for_different_collections_stand_side_by_side(client, log, fail, ours):
    for name, code in (("a", 50), ("b", 96)):
        fail(["insert"], times=None, errorCode=code, namespace=log.database[name].full_name)
    client.admin.command("configureFailPoint", "failCommand", mode="off", data={"namespace": log.database.a.full_name})
    log.database.a.insert_one({})
    with pytest.raises(OperationFailure) as failed:
        log.database.b.insert_one({})
    assert failed.value.code == 96


def test_a_closed_connection_before_the_insert(log, fail):
    fail(["insert"], closeConnection=True)
    with pytest.raises(AutoReconnect):
        log.insert_one({"_id": 1})
    assert log.count_documents({}) == 0


def test_a_closed_connection_after_the_insert(log, fail, ours):
    fail(["insert"], closeConnection=True, afterCommand=True)
    with pytest.raises(AutoReconnect):
        log.insert_one({"_id": 1})
    assert log.count_documents({}) == 1


def test_an_error_after_the_insert(log, fail, ours):
    fail(["insert"], errorCode=91, afterCommand=True)
    with pytest.raises(AutoReconnect):
        log.insert_one({"_id": 1})
    assert log.count_documents({}) == 1


def test_a_driver_that_retries_inserts_once_though_the_answer_was_lost(client, database, fail, ours):
    fail(["insert"], closeConnection=True, afterCommand=True)
    assert database.log.insert_one({"_id": 1}).acknowledged
    assert database.log.count_documents({}) == 1


def test_a_slow_answer(server, database, fail):
    fail(["find"], blockConnection=True, blockTimeMS=400)
    with MongoClient(server, socketTimeoutMS=100, retryReads=False) as hasty, pytest.raises(NetworkTimeout):
        hasty[database.name].log.find_one()


def test_a_write_concern_error_beside_a_write_that_was_done(log, fail):
    fail(["insert"], writeConcernError={"code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting for replication timed out"})
    with pytest.raises((WriteConcernError, BulkWriteError)) as failed:
        log.insert_one({"_id": 1})
    assert failed.value.code == 64
    assert log.count_documents({}) == 1


def test_labels_tell_a_driver_what_to_do(log, fail):
    fail(["insert"], errorCode=112, errorLabels=["TransientTransactionError"])
    with pytest.raises(OperationFailure) as failed:
        log.insert_one({})
    assert failed.value.has_error_label("TransientTransactionError")


def test_a_primary_that_steps_down_refuses_writes_for_that_long(own):
    with own.start().client(retryWrites=False) as client:
        client.test.log.insert_one({"_id": 1})
        client.admin.command("replSetStepDown", 1)
        with pytest.raises(AutoReconnect) as failed:
            client.test.log.insert_one({"_id": 2})
        assert failed.value.details["code"] == 10107
        client.test.log.insert_one({"_id": 3})  # the driver waits for a primary
        assert client.test.log.distinct("_id") == [1, 3]
