"""The checker finds what it is there to find: each fact, in a history that breaks only it."""

import pytest
from checker import check

A, B = "a" * 32, "b" * 32


def history(*lines):
    return [tuple(line.split()) for line in lines]


WRITERS = [
    history(f"try 1 {A} 0 2 -", "ok 1 1", f"try 2 {A} 2 1 c", "ok 2 3"),
    history(f"try 3 {B} 0 1 -", "unknown 3", f"try 4 {A} 0 1 -", "conflict 4 2",
            f"try 5 {A} 3 1 c", "known 5 2 3", f"try 6 {B} 1 1 -", "unknown 6"),
]
LOG = history(f"saw 1 1 {A} 0 2 -", f"saw 2 3 {B} 0 1 -", f"saw 3 2 {A} 2 1 c")


def changed(lines, number, line):
    return lines[:number] + history(line) + lines[number + 1:]


def test_a_good_history_passes():
    assert check(WRITERS, [LOG, LOG[1:], LOG[:2], []], LOG) == []


def test_a_position_may_be_missing():
    # A writer died and left a hole, which was filled with nothing.
    log = changed(LOG, 2, f"saw 9 2 {A} 2 1 c")
    writers = [changed(WRITERS[0], 3, "ok 2 9"), changed(WRITERS[1], 5, "known 5 2 9")]
    assert check(writers, [log], log) == []


@pytest.mark.parametrize("fault, writers, followers, log", [
    ("behind 2", WRITERS, [], [LOG[1], LOG[0], LOG[2]]),
    ("goes on with 2", WRITERS, [], LOG[1:]),
    ("was acknowledged at 3", WRITERS, [], LOG[:2]),
    ("was acknowledged at 4", [changed(WRITERS[0], 3, "ok 2 4"), WRITERS[1]], [], LOG),
    ("was acknowledged at 1, and is at [1, 4]", WRITERS, [], LOG + history(f"saw 4 1 {A} 3 2 -")),
    ("sent was None", WRITERS, [], LOG + history(f"saw 4 7 {B} 1 1 -")),
    ("sent was Commit", WRITERS, [], changed(LOG, 1, f"saw 2 3 {B} 0 2 -")),
    ("refused as a conflict", WRITERS, [], history(f"saw 1 4 {A} 0 1 -")),
    ("refused as a repetition", WRITERS, [], LOG + history(f"saw 4 5 {A} 3 1 c")),
    ("happened 2 times", WRITERS, [], LOG + history(f"saw 4 5 {A} 3 1 c")),
    ("which is at [4]", WRITERS, [], LOG[:2] + history(f"saw 4 2 {A} 2 1 c")),
    ("follower 0 saw Commit(id='2'", WRITERS, [[LOG[0], LOG[2]]], LOG),
    ("follower 1 began at position 9", WRITERS, [LOG, history(f"saw 9 1 {A} 0 2 -")], LOG),
    ("behind the log's end", WRITERS, [LOG], LOG[:2]),
    ("where the log has", WRITERS, [changed(LOG, 1, f"saw 2 6 {B} 1 1 -")], LOG),
    ("the check itself is wrong", [WRITERS[0], WRITERS[0]], [], LOG),
])
def test_each_fault_is_found(fault, writers, followers, log):
    found = check(writers, followers, log)
    assert any(fault in sentence for sentence in found), found
