"""The checker, and the notes that it judges, find what is wrong."""

import re

import pytest
from cluster.checker import digests_of
from cluster.clients import Sent, Shown
from cluster.logic import pack
from cluster.readers import Entry, Truth
from evented.evented_pb2 import EventBook

from .checker import Consumed, Projected, check
from .consumers import Notes

ROOT = bytes(16)
EVENTS = ["a 0 1 fact", "b 0 1 fact"]


def message(first, *texts):
    book = EventBook()
    book.cover.root.value = ROOT
    for number, text in enumerate(texts, start=first):
        page = book.pages.add(num=number)
        pack(text, page.Event)
    return book.SerializeToString()


def judged(*messages, sequence=1, deliveries=(0, 1), parked=(), repeats_max=1, letters=0):
    """What is found where a consumer was given these messages."""
    log = [Entry(0, number + 1, ROOT, number, (text,), text[0]) for number, text in enumerate(EVENTS)]
    sent = [Sent(text[0], ROOT, 1, text[0], number, "ok", (0, number + 1), number, (text,))
            for number, text in enumerate(EVENTS)]
    made = digests_of(EVENTS)
    projected = Projected(
        "kafka", [Shown(ROOT, sequence, f"{sequence + 1} {made[sequence + 1]}")], parked,
        [f"logic\t{ROOT.hex()}\t{number} {made[number]}\t{number} {EVENTS[number]}" for number in deliveries])
    notes = Notes("stranger")
    for each in messages:
        notes.take(each)
    truth = Truth(log, {ROOT: list(enumerate(EVENTS))}, [], [], [2])
    return check(truth, sent, [projected], [Consumed(notes, repeats_max)], {"Kafka": letters})


IN_ORDER = message(0, EVENTS[0]), message(1, EVENTS[1])


def test_nothing_is_found_where_all_is_well():
    assert judged(*IN_ORDER) == []
    assert judged(*IN_ORDER, IN_ORDER[0]) == []  # a repeat


@pytest.mark.parametrize("messages, said", [
    (IN_ORDER[:1], "was given 1 events"),
    (IN_ORDER[1:], "was given event 1 of .* when 0 had come before"),
    ((IN_ORDER[1], IN_ORDER[0]), "when 0 had come before"),
    ((*IN_ORDER, *IN_ORDER), "was given 2 repeats, more than 1"),
    ((*IN_ORDER, message(1, "c 0 1 fact")), "again, and another one"),
    ((IN_ORDER[0], message(1, "c 0 1 fact")), "was given 2 events of .*, not"),
])
def test_what_a_consumer_was_given_wrongly_is_found(messages, said):
    assert_found(judged(*messages), said)


@pytest.mark.parametrize("wrong, said", [
    (dict(sequence=0), "source kafka: .* has 2 events, and its projection is"),
    (dict(deliveries=(1,)), "source kafka: delivery 1"),
    (dict(parked=["x"]), "source kafka: parked for no reason"),
    (dict(letters=3), "3 dead letters at Kafka"),
])
def test_what_is_wrong_at_a_projector_is_found(wrong, said):
    assert_found(judged(*IN_ORDER, **wrong), said)


def assert_found(found, said):
    assert any(re.search(said, sentence) for sentence in found), found
