"""Sizes: what a server takes, and how it refuses more."""

import pytest
from bson import encode
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure

MEBIBYTE = 1 << 20


def of_size(identity, size):
    return {"_id": identity, "payload": bytes(size - len(encode({"_id": identity, "payload": b""})))}


def test_a_server_says_what_it_takes(client):
    hello = client.admin.command("hello")
    assert hello["maxBsonObjectSize"] == 16 * MEBIBYTE
    assert hello["maxMessageSizeBytes"] == 48_000_000
    assert hello["maxWriteBatchSize"] >= 1000
    assert hello["maxWireVersion"] >= 17
    assert hello["setName"] and hello["logicalSessionTimeoutMinutes"]
    assert not hello.get("compression")


def test_the_largest_document_is_stored(log):
    log.insert_one(of_size(1, 16 * MEBIBYTE))
    assert len(encode(log.find_one())) == 16 * MEBIBYTE


@pytest.mark.parametrize("ordered, stored", [(True, [0]), (False, [0, 2])])
def test_a_document_that_is_a_little_too_large_is_an_error_of_its_own(log, ordered, stored):
    documents = [{"_id": 0}, of_size(1, 16 * MEBIBYTE + 1), {"_id": 2}]
    with pytest.raises(BulkWriteError) as refused:
        log.insert_many(documents, ordered=ordered)
    error, = refused.value.details["writeErrors"]
    assert (error["index"], error["code"]) == (1, 2)
    assert error["errmsg"] == f"object to insert too large. size in bytes: {16 * MEBIBYTE + 1}, max size: {16 * MEBIBYTE}"
    assert sorted(log.distinct("_id")) == stored


def test_what_is_larger_than_a_command_may_be_fails_all_of_it(log):
    with pytest.raises(OperationFailure) as refused:
        log.insert_many([{"_id": 0}, of_size(1, 17 * MEBIBYTE)], ordered=False)
    assert refused.value.code == 10334 and refused.value.details["codeName"] == "BSONObjectTooLarge"
    assert log.count_documents({}) == 0


def test_an_update_that_would_grow_a_document_too_large_is_refused(log):
    log.insert_one(of_size(1, 10 * MEBIBYTE))
    with pytest.raises(OperationFailure) as refused:
        log.update_one({"_id": 1}, {"$set": {"more": bytes(10 * MEBIBYTE)}})
    assert refused.value.code in (10334, 17419)


def test_a_message_of_almost_48_megabytes_is_taken(log):
    log.insert_many([of_size(number, 11 * MEBIBYTE) for number in range(4)])
    assert log.count_documents({}) == 4


def test_a_driver_is_kept_from_sending_more(log):
    with pytest.raises((DocumentTooLarge, OperationFailure)):
        log.insert_one(of_size(1, 49_000_000))
    assert log.count_documents({}) == 0


def test_a_batch_of_many_small_documents_is_taken(log):
    answer = log.database.command({"insert": log.name, "documents": [{"_id": number} for number in range(10_000)]})
    assert answer["n"] == 10_000
