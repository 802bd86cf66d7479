"""Sizes: what a server takes, and how it refuses more."""

import pytest
from bson import encode
from pymongo.errors import DocumentTooLarge, OperationFailure

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


def test_a_larger_document_is_refused(log):
    answer = log.database.command({"insert": log.name, "documents": [of_size(1, 16 * MEBIBYTE + 1)]}, check=False)
    failure = answer["writeErrors"][0] if "writeErrors" in answer else answer
    assert failure["code"] in (2, 10334)  # MongoDB itself: BadValue within a command, BSONObjectTooLarge for the whole
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
