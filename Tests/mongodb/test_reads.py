"""Reading a log: in order, in pages, from a place, and not for longer than asked."""

import pytest
from bson import Binary, Int64, encode
from bson.raw_bson import RawBSONDocument
from pymongo.errors import CursorNotFound, ExecutionTimeout, OperationFailure
from pymongo.read_concern import ReadConcern


def identifier(root, sequence):
    return Binary(bytes([root]) * 16 + sequence.to_bytes(4, "big"))


@pytest.fixture
def filled(log):
    log.create_index([("partition", 1), ("position", 1)], unique=True)
    log.insert_many([
        {"_id": identifier(number % 3, number // 3), "partition": number % 2, "position": Int64(number)} for number in range(300)])
    return log


def positions(cursor):
    return [each["position"] for each in cursor]


def test_a_compound_index_is_read_in_order_from_a_place(filled):
    found = filled.find({"partition": 1, "position": {"$gt": 40}}, sort=[("partition", 1), ("position", 1)])
    assert positions(found) == list(range(41, 300, 2))
    assert positions(filled.find({"partition": 0}, sort=[("position", -1)], limit=2)) == [298, 296]


def test_a_range_of_binary_identifiers_is_one_aggregate(filled):
    found = list(filled.find({"_id": {"$gte": identifier(1, 10), "$lt": identifier(2, 0)}}, sort=[("_id", 1)]))
    assert [bytes(each["_id"]) for each in found] == [bytes(identifier(1, sequence)) for sequence in range(10, 100)]
    last = filled.find({"_id": {"$gte": identifier(1, 0), "$lte": identifier(1, 2**32 - 1)}}, sort=[("_id", -1)], limit=1)
    assert [bytes(each["_id"]) for each in last] == [bytes(identifier(1, 99))]


def test_a_projection_leaves_fields_out(filled):
    assert filled.find_one({"position": 7}, {"_id": 0, "position": 1}) == {"position": 7}
    assert filled.find_one({"position": 7}, {"_id": 0, "partition": 0}) == {"position": 7}


def test_documents_come_back_byte_for_byte(log):
    raw = encode({"_id": 1, "z": Int64(1), "a": 1.0, "n": None, "b": Binary(b"\0\1", 4), "nested": {"z": [1, {"y": 2}], "a": ""}})
    log.insert_one(RawBSONDocument(raw))
    read = log.with_options(codec_options=log.codec_options.with_options(document_class=RawBSONDocument))
    assert read.find_one().raw == raw


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_batches_have_the_size_asked_for_and_lose_nothing(filled, size):
    database, name = filled.database, filled.name
    answer = database.command("find", name, sort={"position": 1}, batchSize=size)["cursor"]
    found = positions(answer["firstBatch"])
    while answer["id"]:
        answer = database.command({"getMore": Int64(answer["id"]), "collection": name, "batchSize": size})["cursor"]
        assert len(answer["nextBatch"]) <= size
        found += positions(answer["nextBatch"])
    assert found == list(range(300))


def test_a_batch_of_none_opens_the_cursor_only(filled):
    cursor = filled.database.command("find", filled.name, batchSize=0)["cursor"]
    assert cursor["firstBatch"] == [] and cursor["id"]
    assert len(filled.database.command({"getMore": Int64(cursor["id"]), "collection": filled.name})["cursor"]["nextBatch"]) == 300


def test_limit_skip_and_single_batch(filled):
    assert positions(filled.find(sort=[("position", 1)], skip=3, limit=4, batch_size=2)) == [3, 4, 5, 6]
    cursor = filled.database.command("find", filled.name, batchSize=3, singleBatch=True)["cursor"]
    assert len(cursor["firstBatch"]) == 3 and cursor["id"] == 0


def test_what_is_not_there_is_empty(log):
    assert list(log.find()) == []
    assert log.find_one({"_id": 1}) is None
    assert list(log.aggregate([{"$group": {"_id": None}}])) == []


def test_a_killed_cursor_is_gone(filled):
    database = filled.database
    number = database.command("find", filled.name, batchSize=1)["cursor"]["id"]
    answer = database.command({"killCursors": filled.name, "cursors": [Int64(number), Int64(12345)]})
    assert (answer["cursorsKilled"], answer["cursorsNotFound"]) == ([number], [12345])
    with pytest.raises(CursorNotFound) as refused:
        database.command({"getMore": Int64(number), "collection": filled.name})
    assert refused.value.code == 43


def test_a_cursor_that_nobody_reads_is_ended(filled, client, ours):
    def is_open(number):
        try:
            return filled.database.command({"getMore": Int64(number), "collection": filled.name, "batchSize": 1})["cursor"]["id"]
        except CursorNotFound:
            return 0

    def opened():
        return client.admin.command("serverStatus")["metrics"]["cursor"]["open"]["total"]

    kept = filled.database.command("find", filled.name, batchSize=1, noCursorTimeout=True)["cursor"]["id"]
    left = filled.database.command("find", filled.name, batchSize=1)["cursor"]["id"]
    was = client.admin.command("setParameter", 1, cursorTimeoutMillis=1)["was"]
    try:
        while opened() > 1:
            pass
    finally:
        client.admin.command("setParameter", 1, cursorTimeoutMillis=was)
    assert is_open(kept) and not is_open(left)
    filled.database.command({"killCursors": filled.name, "cursors": [Int64(kept)]})


def test_a_cursor_goes_on_while_documents_are_added(filled):
    cursor = filled.find({"position": {"$gte": 0}}, sort=[("position", 1)], batch_size=10)
    first = [next(cursor)["position"] for _ in range(10)]
    filled.insert_many([{"_id": f"new-{number}", "position": Int64(number)} for number in range(300, 320)])
    rest = positions(cursor)
    assert first + rest[:290] == list(range(300))
    assert rest[290:] in ([], list(range(300, 320)))


def test_large_batches_stop_below_what_a_message_may_hold(log):
    log.insert_many([{"_id": number, "payload": bytes(1 << 20)} for number in range(40)])
    answer = log.database.command("find", log.name, batchSize=1000)["cursor"]
    assert 10 <= len(answer["firstBatch"]) <= 16 and answer["id"]
    log.database.command({"killCursors": log.name, "cursors": [Int64(answer["id"])]})
    assert [each["_id"] for each in log.find(sort=[("_id", 1)], projection={"_id": 1})] == list(range(40))
    assert sum(len(each["payload"]) for each in log.find()) == 40 << 20


def test_pipelines(filled):
    groups = list(filled.aggregate([
        {"$match": {"position": {"$lt": 100}}},
        {"$group": {"_id": "$partition", "count": {"$sum": 1}, "last": {"$max": "$position"}}},
        {"$sort": {"_id": 1}},
        {"$project": {"count": 1, "last": 1, "next": {"$add": ["$last", 1]}}}]))
    assert groups == [{"_id": 0, "count": 50, "last": 98, "next": 99}, {"_id": 1, "count": 50, "last": 99, "next": 100}]
    roots = filled.aggregate([{"$group": {"_id": "$_id"}}, {"$sort": {"_id": 1}}], batchSize=10)
    assert len(list(roots)) == 300


def test_distinct_and_count(filled):
    assert filled.distinct("partition") == [0, 1]
    assert filled.distinct("position", {"position": {"$lt": 3}}) == [0, 1, 2]
    assert filled.count_documents({"partition": 1}) == 150
    assert filled.database.command("count", filled.name, query={"position": {"$gte": 290}}, limit=5)["n"] == 5
    assert filled.estimated_document_count() == 300


@pytest.mark.parametrize("level", ["local", "available", "majority", "linearizable"])
def test_read_concerns_are_met(filled, level):
    filled.insert_one({"_id": "new"})
    assert filled.with_options(read_concern=ReadConcern(level)).find_one({"_id": "new"})


def test_a_read_concern_that_does_not_exist_is_refused(filled):
    with pytest.raises(OperationFailure) as refused:
        filled.with_options(read_concern=ReadConcern("eventual")).find_one()
    assert refused.value.code in (2, 9)


def test_a_read_that_takes_longer_than_asked_ends(log):
    log.insert_many([{"_id": number} for number in range(2000)])
    slow = [{"$lookup": {"from": log.name, "localField": "a", "foreignField": "b", "as": "all"}}, {"$unwind": "$all"}, {"$count": "n"}]
    with pytest.raises(ExecutionTimeout) as ended:
        list(log.aggregate(slow, maxTimeMS=20))
    assert ended.value.code == 50
    assert log.find_one({"_id": 1}, max_time_ms=10_000) == {"_id": 1}


@pytest.mark.parametrize("command, code", [
    ({"find": "log", "filter": {"$unknown": 1}}, 2),
    ({"find": "log", "filter": 1}, 14),
    ({"find": "log", "batchSize": -1}, None),
    ({"aggregate": "log", "pipeline": [{"$unknown": {}}], "cursor": {}}, 40324),
    ({"aggregate": "log", "pipeline": []}, 9),
    ({"unknown": 1}, 59),
    ({"drop": "nothing"}, 26),
    ({"update": "log", "updates": [{"q": {}, "u": {"$unknown": 1}}]}, 9),
    ({"getMore": Int64(1), "collection": "log"}, 43),
])
def test_what_cannot_be_understood_is_refused_and_the_connection_lives(database, command, code):
    database.log.insert_one({"_id": 1})
    answer = database.command(command, check=False)
    failure = answer["writeErrors"][0] if "writeErrors" in answer else answer
    if failure is answer and not (answer["ok"] == 1 and code == 26):
        assert answer["ok"] == 0
        assert failure["codeName"] and failure["errmsg"]
    assert code is None or failure.get("code", 26) == code
    assert database.log.find_one() == {"_id": 1}
