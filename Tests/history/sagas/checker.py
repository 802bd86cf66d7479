"""Judges what came of a run: pure. All that the sagas should have done is worked out anew from the logs."""

from collections import Counter, defaultdict

from outrider.v1 import command_outcome_pb2 as outcomes

from .logic import ACCOUNT, TRANSFER, take
from .readers import OWN

APPENDED = outcomes.CommandOutcome.APPENDED


def check(truth, started, opened):
    """All that is wrong, as sentences; nothing where all is well.

    `started` are the transfers that clients started, by key; `opened` says what each account was opened with.
    """
    instances = instances_of(truth.logs[OWN])
    commands = commands_of(instances)
    return [
        *(f"not finished: {each}" for each in truth.unfinished),
        *(f"parked for no reason: {each}" for each in truth.parked),
        *nothing_is_stored_twice(truth.logs),
        *each_transfer_ended_once(truth.logs[TRANSFER], started),
        *steps_are_in_order(instances, started),
        *each_command_ended_once(instances, commands, truth.logs),
        *nobody_else_commanded(truth.logs, commands),
        *money_is_where_it_should_be(truth.logs, opened),
        *timers_fired_once_and_never_early(instances, truth.reactions),
    ]


class Instance:
    """The steps of one instance, in order, and when each was recorded."""

    def __init__(self):
        self.key, self.steps, self.numbers, self.recorded = "", [], [], []


def instances_of(log):
    instances = defaultdict(Instance)
    for entry in log:
        instance = instances[entry.root]
        instance.key = entry.correlation
        instance.steps += entry.events
        instance.numbers += range(entry.first, entry.first + len(entry.events))
        instance.recorded += [entry.recorded] * len(entry.events)
    return instances


class Sent:
    """A command that an instance sent, as its step says. Its id is learnt from its end, or from the log."""

    def __init__(self, key, book, hears):
        self.key, self.hears = key, hears
        self.domain, self.root = book.cover.domain, book.cover.root.value
        self.order = take(book.pages[0].command)


def commands_of(instances):
    """By instance, number of the step, and place in the step. The end of the last ones is not heard any more."""
    return {
        (root, number, index): Sent(instance.key, book, not step.finished)
        for root, instance in instances.items()
        for number, step in zip(instance.numbers, instance.steps)
        for index, book in enumerate(step.commands)}


def nothing_is_stored_twice(logs):
    for domain, log in logs.items():
        for (root, id), count in Counter((entry.root, entry.command) for entry in log).items():
            if count > 1:
                yield f"command {id} of {domain}/{root.hex()} is stored {count} times"


def each_transfer_ended_once(log, started):
    ends = defaultdict(list)
    for entry in log:
        ends[entry.root] += [event["what"] for event in entry.events]
    for transfer in started.values():
        came = ends.pop(transfer.root, [])
        if came not in (["start", "complete"], ["start", "fail"]):
            yield f"{transfer.key} went like this: {came}"
    for root, came in ends.items():
        yield f"nobody started transfer {root.hex()}: {came}"


def steps_are_in_order(instances, started):
    for key in started.keys() - {instance.key for instance in instances.values()}:
        yield f"{key} has no instance"
    for instance in instances.values():
        key, steps = instance.key, instance.steps
        if instance.numbers != list(range(len(steps))):
            yield f"steps of {key} are numbered {instance.numbers}"
        if key in started and steps[0].events.cover.root.value != started[key].root:
            yield f"{key} did not begin with its transfer's event"
        if [step.finished for step in steps] != [False] * (len(steps) - 1) + [True]:
            yield f"{key} did not finish with its last step: {[step.finished for step in steps]}"
        if any(step.HasField("waiting") for step in steps):
            yield f"an input of {key} was kept back for no reason"


def each_command_ended_once(instances, commands, logs):
    ends = defaultdict(list)
    for root, instance in instances.items():
        for number, step in zip(instance.numbers, instance.steps):
            if step.HasField("outcome"):
                command = step.outcome.command
                ends[root, command.sequence, command.index].append(step.outcome)
                if command.sequence >= number:
                    yield f"step {number} of {instance.key} is the end of a command of step {command.sequence}"
    stored = {(domain, entry.command): entry for domain, log in logs.items() for entry in log}
    for place, sent in commands.items():
        came = ends.pop(place, [])
        if len(came) != sent.hears:
            yield f"{sent.order['what']} of {sent.key} ended {len(came)} times"
        for end in came:
            yield from end_is_true(end, sent, stored.get((sent.domain, end.command.command_id)))
    for root, number, index in ends:
        yield f"a command of step {number} of {instances[root].key} ended that was never sent"


def end_is_true(end, sent, entry):
    """What an instance was told of its command is what the log says."""
    what = f"{sent.order['what']} of {sent.key}"
    if (entry is not None) != (end.end == APPENDED):
        yield f"{what} is said to have ended as {end.end} ({end.message}), but " + (
            f"is stored as {entry.events}" if entry else "is not stored")
    elif entry:
        place = entry.partition, entry.number, entry.first, len(entry.events)
        said = end.position.partition, end.position.number, end.first, end.count
        if place != said:
            yield f"{what} is stored at {place}, and not at {said}"


def nobody_else_commanded(logs, commands):
    """Each event is one that a stored reaction led to: what the logic said another time is in no log."""
    wanted = {(sent.domain, sent.root, sent.order["what"], sent.order["token"]) for sent in commands.values()}
    for domain in (ACCOUNT, TRANSFER):
        for entry in logs[domain]:
            for event in entry.events:
                if event["what"] in ("open", "start"):
                    continue
                this = domain, entry.root, event["what"], event["token"]
                if this not in wanted:
                    yield f"no reaction that is stored led to {event} of {domain}/{entry.root.hex()}"
                wanted.discard(this)


def money_is_where_it_should_be(logs, opened):
    holds, moved = Counter(), defaultdict(list)
    for entry in logs[ACCOUNT]:
        for event in entry.events:
            cents = -event["cents"] if event["what"] == "withdraw" else event["cents"]
            holds[entry.root] += cents
            if holds[entry.root] < 0:
                yield f"account {entry.root.hex()} holds {holds[entry.root]} cents after position {entry.number}"
            if event["what"] != "open":
                moved[entry.correlation].append((event["what"], entry.root, event["cents"]))
    if sum(holds.values()) != sum(opened.values()):
        yield f"accounts hold {sum(holds.values())} cents, and were opened with {sum(opened.values())}"
    if missing := opened.keys() - holds.keys():
        yield f"{len(missing)} accounts are gone"
    for entry in logs[TRANSFER]:
        for event in entry.events:
            if event["what"] != "start":
                yield from moves_are_right(entry.correlation, event["what"], moved.pop(entry.correlation, []))
    for key, moves in moved.items():
        yield f"{key} moved money, but did not end: {moves}"


def moves_are_right(key, ended, moves):
    """One that failed gave back to the payer all that it took."""
    whats = [what for what, _, _ in moves]
    wanted = [["withdraw", "deposit"]] if ended == "complete" else [[], ["withdraw", "refund"]]
    if whats not in wanted and whats[::-1] not in wanted:  # partitions are read one after the other
        yield f"{key} ended as {ended}, and moved {whats}"
    elif whats:
        (_, first, taken), (_, second, given) = moves
        if taken != given or (first == second) != (ended == "fail"):
            yield f"{key} ended as {ended}, and moved {moves}"


def timers_fired_once_and_never_early(instances, reactions):
    for reaction in reactions:
        if reaction.due > reaction.now:
            yield f"{reaction.trigger} of {reaction.key} came {(reaction.due - reaction.now) / 1e6} ms early"
    for instance in instances.values():
        set_by, gone = {}, set()
        for number, step, recorded in zip(instance.numbers, instance.steps, instance.recorded):
            if step.HasField("timer"):
                timer = place_of(step.timer)
                if timer in gone:
                    yield f"timer {step.timer.name} of {instance.key} fired again, or after it was cancelled"
                elif set_by.get(timer) != step.timer:
                    yield f"timer {step.timer.name} of {instance.key} fired, and was not set so"
                if step.timer.due.ToNanoseconds() > recorded:
                    yield f"timer {step.timer.name} of {instance.key} fired early"
                gone.add(timer)
            gone |= {place_of(timer) for timer in step.cancelled_timers}
            set_by |= {place_of(timer): timer for timer in step.timers}
        if left := set_by.keys() - gone:
            yield f"{len(left)} timers of {instance.key} are still set"


def place_of(timer):
    return timer.set_by, timer.index
