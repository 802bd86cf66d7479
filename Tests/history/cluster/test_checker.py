"""The checker finds what it is there to find: each fault, in a run that has only this one."""

import pytest

from .checker import Delivery, Seen, check, deliveries_of, digests_of
from .clients import NOTHING, Sent, Shown
from .readers import Entry, Read, Tail, Truth, Written

A, B = b"a" * 16, b"b" * 16


def state(root, number):
    """The projection after so many events of the aggregate in the good run."""
    return f"{number} {digests_of(EVENTS[root])[number]}"


def event(name, part, count, *before):
    return f"{name} {part} {count} {digests_of(before)[-1]}"


a0 = event("x", 0, 2)
a1 = event("x", 1, 2, a0)
a2 = event("z", 0, 1, a0, a1)
b0 = "y 0 1 fact"
EVENTS = {A: [a0, a1, a2], B: [b0]}

# Position 3 was given up by a writer that was killed.
LOG = [Entry(0, 1, A, 0, (a0, a1), "x"), Entry(0, 2, B, 0, (b0,), ""), Entry(0, 3, None, 0, (), ""),
       Entry(0, 4, A, 2, (a2,), "z")]
TRUTH = Truth(
    LOG, {A: [(0, a0), (1, a1), (2, a2)], B: [(0, b0)]},
    [Shown(A, 2, state(A, 3)), Shown(B, 0, state(B, 1))], [], [4])
SENT = [
    Sent("x", A, 2, "x", 0, "ok", (0, 1), 0, (a0, a1)), Sent("y", B, 1, "", 0, "unknown", *NOTHING),
    Sent("z", A, 1, "z", 2, "ok", (0, 4), 2, (a2,)), Sent("r", A, 1, "r", 2, "refused", *NOTHING),
    Sent("n", B, 0, "n", 1, "ok", *NOTHING), Sent("u", B, 1, "", 0, "unknown", *NOTHING),
]
SEEN = Seen(
    sent=SENT, followers=[LOG, LOG[:2], []], tails=[Tail(0, 2, 1, LOG[1:]), Tail(0, 0, 0, [])],
    reads=[Read("inquirer", A, 1, 2, [(1, a1), (2, a2)]), Read("synchronizer", A, 3, 0, [])],
    watches=[[Shown(A, 1, state(A, 2)), Shown(B, 0, state(B, 1)), Shown(A, 2, state(A, 3))],
             [Shown(A, 1, state(A, 2))]],
    shown=[Shown(A, 2, state(A, 3))],
    written=[Written("inquirer", A, (0, 1), 2), Written("inquirer", A, (0, 1), 3), Written("inquirer", B, (0, 2), 1)],
    deliveries=[
        Delivery("one", A, 0, "-", [(0, a0), (1, a1)]), Delivery("two", B, 0, "-", [(0, b0)]),
        Delivery("two", A, 0, "-", [(0, a0), (1, a1)]),  # again
        Delivery("two", A, 2, digests_of(EVENTS[A])[2], [(2, a2)])])


def test_a_good_run_passes():
    assert check(TRUTH, SEEN) == []


def test_the_record_of_deliveries_is_read_back():
    line = f"one\t{A.hex()}\t0 -\t0 {a0}\t1 {a1}\n"
    assert list(deliveries_of([line])) == SEEN.deliveries[:1]


def log(*entries):
    """The truth, had the log these entries."""
    return TRUTH._replace(log=list(entries), heads=[len(entries)])


ONE, TWO, GIVEN_UP, FOUR = LOG
READ = SEEN.reads[0]
FIRST, _, AGAIN, LAST = SEEN.deliveries


def test_a_log_may_be_in_parts():
    parts = [TWO._replace(partition=1, number=1), *(entry for entry in LOG if entry is not TWO)]
    parts[1:] = [entry._replace(number=place) for place, entry in enumerate(parts[1:], start=1)]
    seen = SEEN._replace(
        followers=[parts[:1], parts[1:]], tails=[Tail(1, 1, 0, parts[:1])],
        written=[Written("inquirer", A, (0, 3), 3), Written("inquirer", B, (1, 1), 1)], **sent(2, place=(0, 3)))
    assert check(TRUTH._replace(log=parts, heads=[3, 1]), seen) == []


@pytest.mark.parametrize("fault, truth", {
    "partition 0 has position 4 in place 3": log(ONE, TWO, FOUR),
    "the head of partition 0 is 3": TRUTH._replace(heads=[3]),
    "the head of partition 0 is 5": TRUTH._replace(heads=[5]),
    "the head of partition 1 is 1": TRUTH._replace(heads=[4, 1]),
    "is in partition 0 and in 1": TRUTH._replace(
        log=[ONE, TWO, GIVEN_UP, FOUR._replace(partition=1, number=1)], heads=[3, 1]),
    "goes on with 2 at position 1, not with 0": log(FOUR._replace(number=1), TWO, GIVEN_UP, ONE._replace(number=4)),
    "goes on with 3 at position 4, not with 2": log(ONE, TWO, GIVEN_UP, FOUR._replace(first=3)),
    "has other events than the log says": TRUTH._replace(streams=TRUTH.streams | {A: TRUTH.streams[A][:2]}),
    "6262 has other events": TRUTH._replace(streams={A: TRUTH.streams[A]}),
    "6363 has other events": TRUTH._replace(streams=TRUTH.streams | {b"c" * 16: [(0, b0)]}),
    "does not hold one command's events": log(ONE._replace(events=(a0,)), TWO, GIVEN_UP, FOUR),
    "sent was None": log(*LOG, Entry(0, 5, B, 1, ("w 0 1 fact",), "")),
    "sent was Sent(name='y'": log(ONE, TWO._replace(root=A, first=2), GIVEN_UP, FOUR),
    "was sent with the id z": log(ONE, TWO, GIVEN_UP, FOUR._replace(command="q")),
    "z was acknowledged as": log(ONE, TWO, GIVEN_UP, FOUR._replace(root=None)),
    "n was acknowledged as []": log(*LOG, Entry(0, 5, B, 1, ("n 0 1 fact",), "n")),
    "r was refused, and is at [5]": log(*LOG, Entry(0, 5, A, 3, ("r 0 1 fact",), "r")),
    "y happened 2 times": log(*LOG, Entry(0, 5, B, 1, (b0,), "")),
    "was decided on a state that never was": log(
        ONE, TWO, GIVEN_UP, FOUR._replace(events=(event("z", 0, 1, a0),))),
    "its projection is None": TRUTH._replace(projections=TRUTH.projections[:1]),
    "and its projection is Shown(root=b'aaaaaaaaaaaaaaaa', sequence=1": TRUTH._replace(
        projections=[Shown(A, 1, state(A, 2)), TRUTH.projections[1]]),
    "a projection of 61616161616161616161616161616161 was '2 ": TRUTH._replace(
        projections=[Shown(A, 2, state(A, 2)), TRUTH.projections[1]]),
    "6363 has 0 events, and its projection": TRUTH._replace(
        projections=[*TRUTH.projections, Shown(b"c" * 16, 0, "1 -")]),
    "parked for no reason": TRUTH._replace(parked=["a at 2: it did not like it"]),
}.items())
def test_each_fault_of_what_is_there_is_found(fault, truth):
    found = check(truth, SEEN)
    assert any(fault in sentence for sentence in found), found


def sent(number, **changes):
    return {"sent": [each._replace(**changes) if each is SENT[number] else each for each in SENT]}


def written(*told):
    return {"written": [*SEEN.written, Written("inquirer", *told)]}


@pytest.mark.parametrize("fault, changes", {
    "z was acknowledged as [((0, 4), b'aaaaaaaaaaaaaaaa', 3,": sent(2, first=3),
    "z was acknowledged as [((0, 3), ": sent(2, place=(0, 3)),
    "x was acknowledged as": sent(0, events=(a0, a2)),
    "x wanted 1 events": sent(0, count=1),
    "z was put at 2, after 3 events": sent(2, known=3),
    "z was refused": sent(2, outcome="refused"),
    "follower 0 saw": {"followers": [[ONE, GIVEN_UP]]},
    "follower 1 saw": {"followers": [LOG, [*LOG, Entry(0, 5, B, 1, ("w 0 1 fact",), "")]]},
    "in place 1, where the log has": {"followers": [[TWO]]},
    "where the log has Entry(partition=0, number=3, root=None": {"followers": [[ONE, TWO, GIVEN_UP._replace(root=B)]]},
    "the log said that it ends at 4, and showed 1 behind 1": {"tails": [Tail(0, 4, 1, [TWO])]},
    "the log said that it ends at 5, and showed 0 behind 4": {"tails": [Tail(0, 5, 4, [])]},
    "behind 1 the log showed": {"tails": [Tail(0, 2, 1, [FOUR])]},
    "as event 2 of": {"reads": [READ._replace(events=[(2, a2)])]},
    "event 3 is None": {"reads": [READ._replace(lower=3, events=[(3, a2)])]},
    "event 1 is 'x 1 2": {"reads": [READ._replace(events=[(1, a2)])]},
    "event 0 is None": {"reads": [READ._replace(root=b"c" * 16, lower=0, events=[(0, a0)])]},
    "when 3 were acknowledged": {"reads": [READ._replace(known=3, events=[(1, a1)])]},
    "went back from 2 to 1": {"watches": [[SEEN.watches[0][2], SEEN.watches[0][0]]]},
    "included event 3, which does not exist": {"watches": [[Shown(A, 3, "4 -")]]},
    "was '3 -', not '3 ": {"shown": [Shown(A, 2, "3 -")]},
    "included event 1, which does not exist": {"shown": [Shown(B, 1, "2 -")]},
    "without 'x 1 2": written(A, (0, 1), 1),  # a part of the command's events
    "without 'z 0 1": written(A, (0, 4), 2),  # stale by one command
    "the projection of 0 events, without 'y 0 1 fact'": written(B, (0, 2), 0),  # none, where there is one
    "asked for 62626262626262626262626262626262 at (0, 1), where the log has": written(B, (0, 1), 1),
    "at (0, 3), where the log has": written(A, (0, 3), 3),
    "at (1, 1), where the log has None": written(A, (1, 1), 3),
    "begins at 2, when only those before 0": {"deliveries": [LAST, *SEEN.deliveries]},
    "with the projection of 0 -": {"deliveries": [*SEEN.deliveries, LAST._replace(number=0, digest="-")]},
    "with the projection of 2 -": {"deliveries": [*SEEN.deliveries, LAST._replace(digest="-")]},
    "which are not the events there": {
        "deliveries": [*SEEN.deliveries, AGAIN._replace(events=[(0, a0), (1, a2)])]},
    "holds [(0, 'x 0 2 -'), (2,": {"deliveries": [*SEEN.deliveries, AGAIN._replace(events=[(0, a0), (2, a2)])]},
    "holds nothing": {"deliveries": [*SEEN.deliveries, AGAIN._replace(events=[])]},
    "of 63636363636363636363636363636363 to two, holds": {
        "deliveries": [*SEEN.deliveries, AGAIN._replace(root=b"c" * 16)]},
    "3 events, of which 2 were delivered": {"deliveries": SEEN.deliveries[:3]},
    "1 events, of which 0 were delivered": {"deliveries": [FIRST, LAST]},
}.items())
def test_each_fault_of_what_was_seen_is_found(fault, changes):
    found = check(TRUTH, SEEN._replace(**changes))
    assert any(fault in sentence for sentence in found), found
