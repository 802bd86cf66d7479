"""The checker finds what is wrong."""

import re

import pytest

from .bank import (ACCOUNT, COMPLETED, CREATED, CREDITED, DEBIT_REFUSED, DEBITED, FAILED, OPENED, REFUNDED, TRANSFER)
from .checker import check
from .clients import Delivery, Transfer
from .entities import Event
from .readers import Entry, Truth

KEY, ANN, BOB = "transfer-0", "ann", "bob"
STARTED = {KEY: Transfer(KEY, ANN, BOB, 10)}
ROOTS = {id: id.encode().rjust(16, b"\0") for id in (KEY, ANN, BOB)}


class Story:
    """A transfer of ten cents, as all who are asked tell of it: all is well."""

    def __init__(self):
        self.entries = {TRANSFER: {}, ACCOUNT: {}}
        self.positions = dict.fromkeys(self.entries, 0)
        opened, order = {"cents": 300}, {"payer": ANN, "payee": BOB, "cents": 10}
        self.add(ACCOUNT, ANN, OPENED, opened)
        self.add(ACCOUNT, BOB, OPENED, opened)
        self.created = self.add(TRANSFER, KEY, CREATED, order)
        self.debited = self.add(ACCOUNT, ANN, DEBITED, order | {"transfer": KEY}, self.created)
        self.credited = self.add(ACCOUNT, BOB, CREDITED, order | {"transfer": KEY}, self.debited)
        self.completed = self.add(TRANSFER, KEY, COMPLETED, {}, self.credited)
        self.found = {type: {id: [Event(each.id, each.type, each.data, id, None) for each in entries]
                             for id, entries in entities.items()} for type, entities in self.entries.items()}
        self.deliveries = [Delivery(id, event.id, event.type)
                           for entities in self.found.values() for id, events in entities.items() for event in events]

    def add(self, type, id, event, data, cause=None):
        self.positions[type] += 1
        there = self.entries[type].setdefault(id, [])
        there.append(Entry(f"{self.positions[type]:016x}-{len(there):016x}", ROOTS[id], len(there), event, data,
                           f"command-{type}-{self.positions[type]}", cause))
        return type, ROOTS[id], len(there) - 1

    def change(self, kind, entity, number, **changes):
        """The same event, with changes, by REST and in the log."""
        self.found[kind][entity][number] = self.found[kind][entity][number]._replace(**changes)
        self.entries[kind][entity][number] = self.entries[kind][entity][number]._replace(**changes)

    def found_wrong(self):
        return check(Truth(self.found, self.entries, self.deliveries), STARTED, {ANN: 300, BOB: 300})


def test_nothing_is_found_where_all_is_well():
    assert Story().found_wrong() == []


def test_a_message_that_comes_again_is_not_wrong():
    story = Story()
    story.deliveries += story.deliveries
    assert story.found_wrong() == []


def hide_by_rest(story):
    story.found[ACCOUNT][ANN] = story.found[ACCOUNT][ANN][:1]


def hide_an_entity(story):
    del story.found[ACCOUNT][BOB]


def swap_ids(story):
    first, second = story.found[ACCOUNT][ANN]
    story.found[ACCOUNT][ANN] = [second, first]


def leave_a_gap(story):
    story.change(ACCOUNT, ANN, 1, id="0000000000000003-0000000000000002")


def never_end(story):
    del story.found[TRANSFER][KEY][1]


def end_twice(story):
    story.found[TRANSFER][KEY].append(story.found[TRANSFER][KEY][1])


def open_with_more(story):
    story.change(ACCOUNT, ANN, 0, data={"cents": 301})


def take_too_much(story):
    story.change(ACCOUNT, ANN, 1, data={"transfer": KEY, "cents": 310})


def make_money(story):
    story.change(ACCOUNT, BOB, 1, data={"transfer": KEY, "cents": 11})


def move_for_nobody(story):
    story.change(ACCOUNT, BOB, 1, data={"transfer": "transfer-7", "cents": 10})


def complete_what_was_refunded(story):
    story.change(ACCOUNT, BOB, 1, type=REFUNDED)


def fail_what_was_paid(story):
    story.change(TRANSFER, KEY, 1, type=FAILED)


def refuse_and_complete(story):
    story.change(ACCOUNT, ANN, 1, type=DEBIT_REFUSED)


def update_twice_by_a_token(story):
    entries = story.entries[ACCOUNT][ANN]
    entries[1] = entries[1]._replace(command=entries[0].command)


def name_another_cause(story):
    entries = story.entries[TRANSFER][KEY]
    entries[1] = entries[1]._replace(cause=story.debited)


def name_no_cause(story):
    entries = story.entries[TRANSFER][KEY]
    entries[1] = entries[1]._replace(cause=None)


def lead_to_two(story):
    entries = story.entries[ACCOUNT][BOB]
    entries[1] = entries[1]._replace(cause=story.created)


def deliver_less(story):
    del story.deliveries[-1]


def deliver_in_another_order(story):
    story.deliveries.reverse()


def deliver_what_is_not_there(story):
    story.deliveries.append(Delivery("x", "y", CREATED))


@pytest.mark.parametrize("wrong, said", [
    (hide_by_rest, "ann is .* by REST, and .* in the log"),
    (hide_an_entity, "bob is in the log, and nobody asked for it"),
    (swap_ids, "events of .* ann come as"),
    (leave_a_gap, "ann has a gap"),
    (never_end, "transfer-0 went like this"),
    (end_twice, "transfer-0 went like this"),
    (open_with_more, "ann was not opened with 300 cents"),
    (take_too_much, "ann holds -10 cents after 2 events"),
    (make_money, "accounts hold 601 cents"),
    (move_for_nobody, "nobody started transfer-7"),
    (complete_what_was_refunded, "transfer-0 ended with .*Completed, and moved"),
    (fail_what_was_paid, "transfer-0 ended with .*Failed, and moved"),
    (refuse_and_complete, "transfer-0 ended with .*Completed, and moved"),
    (update_twice_by_a_token, "command .* is stored 2 times"),
    (name_another_cause, "Completed .* was caused by .*, which is .*Debited"),
    (name_no_cause, "Completed .* was caused by None"),
    (lead_to_two, "led to 2 updates"),
    (deliver_less, "the view was given"),
    (deliver_in_another_order, "the view was given"),
    (deliver_what_is_not_there, "the view was given events of x, which is not there"),
])
def test_what_is_wrong_is_found(wrong, said):
    story = Story()
    wrong(story)
    assert any(re.search(said, sentence) for sentence in story.found_wrong()), story.found_wrong()
