"""Indexes: made once, given back as they were asked for."""

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure


def test_indexes_are_given_back_as_they_were_made(log):
    condition = {"command": {"$exists": True}}
    log.create_indexes([
        IndexModel([("partition", ASCENDING), ("position", DESCENDING)], unique=True, name="place"),
        IndexModel([("root", ASCENDING), ("command", ASCENDING)], unique=True, name="command", partialFilterExpression=condition),
        IndexModel([("time", ASCENDING)])])
    listed = {index["name"]: index for index in map(dict, log.list_indexes())}
    assert {name: list(index["key"].items()) for name, index in listed.items()} == {
        "_id_": [("_id", 1)],
        "place": [("partition", 1), ("position", -1)],
        "command": [("root", 1), ("command", 1)],
        "time_1": [("time", 1)]}
    assert {name for name, index in listed.items() if index.get("unique")} == {"place", "command"}
    assert {name: index["partialFilterExpression"] for name, index in listed.items() if "partialFilterExpression" in index} == {
        "command": condition}
    assert {index["v"] for index in listed.values()} == {2}
    assert not set().union(*listed.values()) - {"v", "key", "name", "unique", "partialFilterExpression"}


def test_making_an_index_again_changes_nothing(log):
    command = {"createIndexes": log.name, "indexes": [{"key": {"a": 1}, "name": "a", "unique": True}]}
    first = log.database.command(command)
    assert (first["numIndexesBefore"], first["numIndexesAfter"], first["createdCollectionAutomatically"]) == (1, 2, True)
    again = log.database.command(command)
    assert (again["numIndexesBefore"], again["numIndexesAfter"]) == (2, 2)


def test_an_index_that_differs_under_the_same_name_is_refused(log):
    log.create_index("a", name="index")
    with pytest.raises(OperationFailure) as refused:
        log.create_index("b", name="index")
    assert refused.value.code == 86
    with pytest.raises(OperationFailure) as refused:
        log.create_index("a", name="other")
    assert refused.value.code == 85


def test_a_unique_index_over_duplicates_is_refused(log):
    log.insert_many([{"a": 1}, {"a": 1}])
    with pytest.raises(OperationFailure) as refused:
        log.create_index("a", unique=True)
    assert refused.value.code == 11000
    assert list(log.index_information()) == ["_id_"]


def test_an_index_can_be_dropped(log):
    log.create_index("a", unique=True, name="a")
    log.drop_index("a")
    log.insert_many([{"a": 1}, {"a": 1}])
    with pytest.raises(OperationFailure) as refused:
        log.drop_index("a")
    assert refused.value.code == 27


def test_indexes_of_nothing_are_not_listed(log):
    with pytest.raises(OperationFailure) as refused:
        log.database.command("listIndexes", log.name)
    assert refused.value.code == 26
