"""Sessions, retried writes and transactions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import Int64
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern


@pytest.fixture
def session(client):
    with client.start_session() as session:
        yield session


@pytest.fixture
def retry(server, database):
    """retry(number, command), twice, is what a driver sends that got no answer the first time. In a session that is new."""
    with MongoClient(server) as client, client.start_session() as session:
        client.admin.command("ping", session=session)  # a session has its id from its first command: threads must not race for it
        yield lambda number, command: client[database.name].command(command | {"txnNumber": Int64(number)}, session=session)


def test_an_insert_sent_again_under_its_number_is_done_once(retry):
    command = {"insert": "log", "documents": [{"_id": 1}, {"_id": 2}]}
    assert retry(1, command)["n"] == 2
    again = retry(1, command)
    assert again["n"] == 2 and "writeErrors" not in again


def test_an_increment_sent_again_under_its_number_is_done_once(database, retry):
    command = {"update": "log", "updates": [{"q": {"_id": 1}, "u": {"$inc": {"a": 1}}, "upsert": True}]}
    for number in (1, 1, 2, 2):
        retry(number, command)
    assert database.log.find_one() == {"_id": 1, "a": 2}


def test_find_and_modify_sent_again_under_its_number_gives_the_same_answer(retry):
    command = {"findAndModify": "log", "query": {"_id": 1}, "update": {"$inc": {"a": 1}}, "upsert": True, "new": True}
    values = [retry(number, command)["value"]["a"] for number in (1, 1, 2, 2)]
    assert values == [1, 1, 2, 2]


def test_of_one_that_is_sent_twice_at_once_one_is_done(database, retry):
    command = {"update": "log", "updates": [
        {"q": {"_id": identity}, "u": {"$inc": {"a": 1}}, "upsert": True} for identity in (1, 2)]}
    with ThreadPoolExecutor(4) as pool:
        assert [answer["n"] for answer in pool.map(lambda _: retry(1, command), range(4))] == [2] * 4
    assert [each["a"] for each in database.log.find()] == [1, 1]


def test_a_number_that_is_past_is_refused(retry):
    retry(2, {"insert": "log", "documents": [{"_id": 1}]})
    with pytest.raises(OperationFailure) as refused:
        retry(1, {"insert": "log", "documents": [{"_id": 2}]})
    assert refused.value.code == 225


def test_one_that_failed_is_tried_again(retry, fail):
    command = {"insert": "log", "documents": [{"_id": 1}]}
    fail(["insert"], errorCode=50)
    with pytest.raises(OperationFailure):
        retry(1, command)
    assert retry(1, command)["n"] == 1


def test_a_delete_sent_again_under_its_number_is_done_once(database, retry):
    database.log.insert_many([{"a": 1}, {"a": 1}])
    command = {"delete": "log", "deletes": [{"q": {"a": 1}, "limit": 1}]}
    assert [retry(1, command)["n"] for _ in range(2)] == [1, 1]
    assert database.log.count_documents({}) == 1


def test_a_transaction_is_seen_whole_or_not_at_all(client, database, session):
    database.log.insert_one({"_id": 0})
    with session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority")):
        database.log.insert_one({"_id": 1}, session=session)
        database.checkpoints.insert_one({"_id": "a"}, session=session)
        assert database.log.count_documents({}, session=session) == 2
        assert database.log.count_documents({}) == 1
    assert (database.log.count_documents({}), database.checkpoints.count_documents({})) == (2, 1)
    session.start_transaction()
    database.log.insert_one({"_id": 2}, session=session)
    session.abort_transaction()
    assert database.log.count_documents({}) == 2


def test_two_transactions_that_write_the_same_conflict(client, database, session):
    database.log.insert_one({"_id": 1, "a": 0})
    with client.start_session() as other:
        session.start_transaction()
        other.start_transaction()
        database.log.update_one({"_id": 1}, {"$inc": {"a": 1}}, session=session)
        with pytest.raises(OperationFailure) as refused:
            database.log.update_one({"_id": 1}, {"$inc": {"a": 1}}, session=other)
        assert refused.value.code == 112 and refused.value.has_error_label("TransientTransactionError")
        session.commit_transaction()
    assert database.log.find_one()["a"] == 1


def test_a_transaction_with_a_failure_is_over(database, session):
    database.log.insert_one({"_id": 1})
    session.start_transaction()
    with pytest.raises(OperationFailure) as refused:
        database.log.insert_one({"_id": 1}, session=session)
    assert refused.value.code == 11000
    with pytest.raises(OperationFailure) as refused:
        database.log.find_one({}, session=session)
    assert refused.value.code == 251
    session.abort_transaction()


def test_an_idle_transaction_is_ended_and_lets_go_of_what_it_held(client, database, session, ours):
    database.log.insert_one({"_id": 1, "a": 0})
    was = client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=1)["was"]
    try:
        session.start_transaction()
        database.log.update_one({"_id": 1}, {"$inc": {"a": 1}}, session=session)
        database.log.update_one({"_id": 1}, {"$inc": {"a": 10}})  # waits until that one is ended
        with pytest.raises(OperationFailure) as refused:
            session.commit_transaction()
        assert refused.value.code == 251
    finally:
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=was)
    assert database.log.find_one()["a"] == 10


def test_ending_a_session_ends_its_transaction(client, database):
    database.log.insert_one({"_id": 1})
    session = client.start_session()
    session.start_transaction()
    database.log.insert_one({"_id": 2}, session=session)
    client.admin.command("endSessions", [session.session_id])
    with pytest.raises(OperationFailure):
        database.log.find_one({}, session=session)
    session.end_session()
    assert database.log.count_documents({}) == 1
