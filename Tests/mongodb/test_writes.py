"""Appending: what a bulk insert reports, and what two who race for a key are told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import Binary, Int64
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.write_concern import WriteConcern


def insert(log, documents, ordered=False):
    """The command's own answer."""
    return log.database.command({"insert": log.name, "documents": documents, "ordered": ordered})


def identifier(number):
    return Binary(number.to_bytes(20, "big"))


def places(answer):
    return [error["index"] for error in answer.get("writeErrors", ())]


def test_an_unordered_insert_stores_all_but_duplicates(log):
    log.insert_many([{"_id": identifier(2)}, {"_id": identifier(5)}])
    answer = insert(log, [{"_id": identifier(number)} for number in range(8)])
    assert answer["ok"] == 1 and answer["n"] == 6
    assert places(answer) == [2, 5]
    assert {error["code"] for error in answer["writeErrors"]} == {11000}
    assert log.count_documents({}) == 8


def test_an_ordered_insert_ends_at_the_first_duplicate(log):
    log.insert_one({"_id": 2})
    answer = insert(log, [{"_id": number} for number in range(5)], ordered=True)
    assert answer["n"] == 2 and places(answer) == [2]
    assert [each["_id"] for each in log.find(sort=[("_id", 1)])] == [0, 1, 2]


def test_duplicates_inside_one_insert_are_found(log):
    log.create_index("position", unique=True)
    answer = insert(log, [
        {"_id": 1, "position": 1}, {"_id": 1, "position": 2}, {"_id": 2, "position": 1}, {"_id": 3, "position": 3}])
    assert places(answer) == [1, 2] and answer["n"] == 2
    assert sorted(each["_id"] for each in log.find()) == [1, 3]


def test_a_duplicate_names_index_key_and_value(log):
    log.create_index([("partition", 1), ("position", 1)], unique=True, name="place")
    log.insert_one({"_id": identifier(1), "partition": 0, "position": Int64(7)})
    by_id, by_place = insert(log, [{"_id": identifier(1)}, {"_id": identifier(2), "partition": 0, "position": Int64(7)}])["writeErrors"]
    assert by_id["errmsg"].startswith(f"E11000 duplicate key error collection: {log.full_name} index: _id_ dup key: {{ _id: BinData(0, ")
    assert by_id["keyPattern"] == {"_id": 1} and by_id["keyValue"] == {"_id": bytes(identifier(1))}
    assert by_place["errmsg"] == (
        f"E11000 duplicate key error collection: {log.full_name} index: place dup key: {{ partition: 0, position: 7 }}")
    assert list(by_place["keyPattern"].items()) == [("partition", 1), ("position", 1)]
    assert by_place["keyValue"] == {"partition": 0, "position": 7}


def test_the_first_index_of_several_is_named_the_same_way_each_time(log):
    log.create_index("position", unique=True, name="position")
    log.insert_one({"_id": 1, "position": 1})
    for _ in range(3):
        assert insert(log, [{"_id": 1, "position": 1}])["writeErrors"][0]["keyPattern"] == {"_id": 1}


def test_a_unique_partial_index_sees_only_what_its_filter_does(log):
    log.create_index("command", unique=True, name="command", partialFilterExpression={"command": {"$exists": True}})
    answer = insert(log, [{"_id": 1}, {"_id": 2}, {"_id": 3, "command": b"a"}, {"_id": 4, "command": b"a"}, {"_id": 5, "command": b"b"}])
    assert places(answer) == [3] and answer["n"] == 4
    assert "index: command dup key" in answer["writeErrors"][0]["errmsg"]


def test_writers_that_race_for_keys_are_told_of_duplicates_only(client, log):
    log.create_index("position", unique=True, name="position")
    documents = 40

    def write(writer):
        return insert(log, [{"_id": f"{writer}-{number}", "position": number} for number in range(documents)])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(write, range(4)))
    errors = [error for answer in answers for error in answer.get("writeErrors", ())]
    assert {error["code"] for error in errors} == {11000}
    assert all(error["keyPattern"] == {"position": 1} for error in errors)
    assert sum(answer["n"] for answer in answers) == documents == log.count_documents({})
    assert len(errors) == 3 * documents


def test_counters_do_not_lose_an_increment(log):
    def reserve(_):
        return log.find_one_and_update(
            {"_id": "head"}, {"$inc": {"next": 3}}, upsert=True, return_document=ReturnDocument.AFTER)["next"]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(reserve, range(64))) == list(range(3, 195, 3))


def test_find_and_modify_returns_what_was_or_what_is(log):
    assert log.find_one_and_update({"_id": 1}, {"$set": {"a": 1}}) is None
    assert log.find_one_and_update({"_id": 1}, {"$set": {"a": 1}}, upsert=True) is None
    assert log.find_one_and_update({"_id": 1}, {"$set": {"a": 2}}) == {"_id": 1, "a": 1}
    assert log.find_one_and_update(
        {"_id": 1}, {"$inc": {"a": 1}}, return_document=ReturnDocument.AFTER, projection={"_id": 0}) == {"a": 3}
    assert log.find_one_and_replace({"_id": 1}, {"b": 1}, return_document=ReturnDocument.AFTER) == {"_id": 1, "b": 1}
    assert log.find_one_and_delete({"_id": 1}) == {"_id": 1, "b": 1}
    assert log.count_documents({}) == 0


def test_a_conditional_update_happens_or_does_not(log):
    log.insert_one({"_id": "lease", "owner": "a", "token": 1})
    taken = log.update_one({"_id": "lease", "token": 1}, {"$set": {"owner": "b"}, "$inc": {"token": 1}})
    late = log.update_one({"_id": "lease", "token": 1}, {"$set": {"owner": "c"}, "$inc": {"token": 1}})
    assert (taken.matched_count, late.matched_count) == (1, 0)
    assert log.find_one() == {"_id": "lease", "owner": "b", "token": 2}


def test_an_upsert_whose_condition_fails_is_a_duplicate(log):
    log.insert_one({"_id": "lease", "token": 2})
    with pytest.raises(DuplicateKeyError) as refused:
        log.update_one({"_id": "lease", "token": 1}, {"$set": {"token": 2}}, upsert=True)
    assert refused.value.details["keyPattern"] == {"_id": 1}
    with pytest.raises(DuplicateKeyError) as refused:
        log.find_one_and_update({"_id": "lease", "token": 1}, {"$set": {"token": 2}}, upsert=True)
    assert refused.value.details["keyPattern"] == {"_id": 1}
    assert 'index: _id_ dup key: { _id: "lease" }' in refused.value.details["errmsg"]


def test_an_upsert_that_meets_a_unique_index_is_a_duplicate(log):
    log.create_index("position", unique=True, name="position")
    log.insert_one({"_id": 1, "position": 1})
    for upsert in (log.update_one, log.find_one_and_update):
        with pytest.raises(DuplicateKeyError) as refused:
            upsert({"_id": 2}, {"$set": {"position": 1}}, upsert=True)
        assert refused.value.details["keyPattern"] == {"position": 1}
        assert "index: position dup key: { position: 1 }" in refused.value.details["errmsg"]


def test_one_of_those_that_race_to_upsert_inserts(log):
    def take(owner):
        try:
            return log.update_one({"_id": "lease", "token": 1}, {"$setOnInsert": {"owner": owner}}, upsert=True).upserted_id
        except DuplicateKeyError:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert [each for each in pool.map(take, range(16)) if each] == ["lease"]


def test_updates_of_one_command_are_counted_apart(log):
    log.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 1}])
    done = log.bulk_write([
        UpdateOne({"_id": 1}, {"$set": {"a": 2}}), UpdateOne({"_id": 2}, {"$set": {"a": 1}}),
        UpdateOne({"_id": 3}, {"$set": {"a": 3}}, upsert=True)], ordered=False)
    assert (done.matched_count, done.modified_count, done.upserted_ids) == (2, 1, {2: 3})


def test_deletes_are_counted(log):
    log.insert_many([{"_id": number} for number in range(10)])
    assert log.delete_many({"_id": {"$lt": 4}}).deleted_count == 4
    assert log.delete_one({"_id": 4}).deleted_count == 1
    assert log.delete_one({"_id": 4}).deleted_count == 0


def test_the_strongest_write_concern_is_met(log):
    durable = log.with_options(write_concern=WriteConcern("majority", j=True, wtimeout=1000))
    assert durable.insert_one({"_id": 1}).acknowledged
    assert log.find_one() == {"_id": 1}


def test_a_write_concern_that_cannot_be_met_is_reported_beside_the_result(log):
    with pytest.raises(BulkWriteError) as reported:
        log.with_options(write_concern=WriteConcern(w=3, wtimeout=1)).insert_many([{"_id": 1}])
    assert reported.value.details["nInserted"] == 1
    assert reported.value.details["writeConcernErrors"][0]["code"] in (64, 100)
    assert log.count_documents({}) == 1


def test_an_unacknowledged_write_happens(log):
    assert not log.with_options(write_concern=WriteConcern(w=0)).insert_one({"_id": 1}).acknowledged
    while not log.count_documents({}):
        pass
