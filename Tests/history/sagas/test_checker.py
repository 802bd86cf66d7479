"""The checker finds what is wrong."""

import re

import pytest
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import sagas_pb2

from .checker import check
from .clients import Transfer
from .logic import put
from .readers import OWN, Entry, Reaction, Truth

PAYER, PAYEE, INSTANCE, MOVED = (bytes([number] * 16) for number in range(4))
KEY, SECOND = "transfer-0", 10**9
APPENDED, REFUSED = outcomes.CommandOutcome.APPENDED, outcomes.CommandOutcome.REFUSED
OPENED = {PAYER: 300, PAYEE: 300}


class Story:
    """A transfer of ten cents, from its start to its end, as the logs tell it: all is well."""

    def __init__(self):
        self.accounts = [entry(1, PAYER, 0, "open-payer", what="open", cents=300),
                         entry(2, PAYEE, 0, "open-payee", what="open", cents=300),
                         entry(3, PAYER, 1, "c0", what="withdraw", cents=10, token="t0"),
                         entry(4, PAYEE, 1, "c1", what="deposit", cents=10, token="t1")]
        self.transfers = [entry(1, MOVED, 0, "start", what="start"),
                          entry(2, MOVED, 1, "c2", what="complete", cents=0, token="t2", reason="")]
        self.steps = [sagas_pb2.SagaStep() for _ in range(4)]
        begun, paid, fired, given = self.steps
        begun.events.cover.root.value, begun.events.count = MOVED, 1
        command(begun, "account", PAYER, "withdraw", 10, "t0")
        timer = begun.timers.add(name="patience", set_by=0)
        timer.due.FromNanoseconds(SECOND)
        ended(paid, 0, "c0", 3, 1)
        command(paid, "account", PAYEE, "deposit", 10, "t1")
        fired.timer.CopyFrom(timer)
        ended(given, 1, "c1", 4, 1)
        command(given, "transfer", MOVED, "complete", 0, "t2")
        given.finished = True
        self.reactions = [Reaction(KEY, "timer patience", "t9", SECOND, SECOND + 1)]
        self.unfinished, self.parked = [], []
        self.numbers = [0, 1, 2, 3]

    def found(self):
        own = [Entry(0, place, INSTANCE, number, [step], f"step-{place}", KEY, 2 * SECOND)
               for place, (number, step) in enumerate(zip(self.numbers, self.steps), start=1)]
        logs = {"account": self.accounts, "transfer": self.transfers, OWN: own}
        truth = Truth(logs, self.unfinished, self.parked, self.reactions)
        return list(check(truth, {KEY: Transfer(KEY, MOVED, {})}, OPENED))


def entry(place, root, first, command, **event):
    return Entry(0, place, root, first, [event], command, KEY, SECOND)


def command(step, domain, root, what, cents, token):
    book = step.commands.add()
    book.cover.domain, book.cover.root.value = domain, root
    put(book.pages.add().command, what, cents=cents, token=token)


def ended(step, sequence, id, place, first):
    step.outcome.command.sequence, step.outcome.command.command_id = sequence, id
    step.outcome.end, step.outcome.first, step.outcome.count = APPENDED, first, 1
    step.outcome.position.number = place


def test_nothing_is_found_where_all_is_well():
    assert Story().found() == []


def refuse_what_is_stored(story):
    story.steps[1].outcome.end = REFUSED


def store_elsewhere(story):
    story.steps[1].outcome.position.number = 7


def hear_twice(story):
    story.steps[2].CopyFrom(story.steps[1])


def hear_never(story):
    del story.steps[1], story.numbers[3]


def store_twice(story):
    story.accounts.append(story.accounts[3])


def store_another_answer(story):
    story.accounts[3].events[0]["token"] = "t7"


def end_twice(story):
    story.transfers.append(entry(3, MOVED, 2, "c3", what="fail", token="t8", reason="late"))


def never_end(story):
    del story.transfers[1]


def leave_a_gap(story):
    story.numbers = [0, 1, 2, 4]


def lose_the_instance(story):
    story.steps, story.numbers = [], []


def take_too_much(story):
    story.accounts[2].events[0]["cents"] = 310


def lose_money(story):
    story.accounts[3].events[0]["cents"] = 9


def give_to_the_payer(story):
    story.accounts[3] = entry(4, PAYER, 2, "c1", what="deposit", cents=10, token="t1")


def fire_early(story):
    story.reactions = [Reaction(KEY, "timer patience", "t9", SECOND, SECOND - 1)]


def fire_early_in_the_log(story):
    for timer in (story.steps[0].timers[0], story.steps[2].timer):
        timer.due.FromNanoseconds(3 * SECOND)


def fire_what_was_cancelled(story):
    story.steps[1].cancelled_timers.add().CopyFrom(story.steps[2].timer)


def leave_a_timer(story):
    story.steps[1].timers.add(name="left", set_by=1)


def keep_an_input(story):
    story.steps[1].waiting.key = KEY


def park(story):
    story.parked = ["x"]


def never_finish(story):
    story.unfinished = ["x"]


@pytest.mark.parametrize("wrong, said", [
    (refuse_what_is_stored, "withdraw of transfer-0 is said to have ended as 3 .*, but is stored as"),
    (store_elsewhere, "is stored at .*, and not at"),
    (hear_twice, "withdraw of transfer-0 ended 2 times"),
    (hear_never, "withdraw of transfer-0 ended 0 times"),
    (store_twice, "command c1 of account/.* is stored 2 times"),
    (store_another_answer, "no reaction that is stored led to"),
    (end_twice, "transfer-0 went like this"),
    (never_end, "transfer-0 went like this"),
    (leave_a_gap, "steps of transfer-0 are numbered"),
    (lose_the_instance, "transfer-0 has no instance"),
    (take_too_much, "holds -10 cents"),
    (lose_money, "accounts hold 599 cents"),
    (give_to_the_payer, "transfer-0 ended as complete, and moved"),
    (fire_early, "came .* ms early"),
    (fire_early_in_the_log, "timer patience of transfer-0 fired early"),
    (fire_what_was_cancelled, "fired again, or after it was cancelled"),
    (leave_a_timer, "1 timers of transfer-0 are still set"),
    (keep_an_input, "was kept back for no reason"),
    (park, "parked for no reason: x"),
    (never_finish, "not finished: x"),
])
def test_what_is_wrong_is_found(wrong, said):
    story = Story()
    wrong(story)
    assert any(re.search(said, sentence) for sentence in story.found()), story.found()
