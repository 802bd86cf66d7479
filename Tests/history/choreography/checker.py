"""Judges what came of a run: pure."""

from collections import Counter, defaultdict

from .bank import (ACCOUNT, COMPLETED, CREATED, CREDITED, DEBIT_REFUSED, DEBITED, FAILED, OPENED, REFUNDED, TRANSFER,
                   holds)

#: What each event is caused by.
CAUSES = {DEBITED: {CREATED}, DEBIT_REFUSED: {CREATED}, CREDITED: {DEBITED}, REFUNDED: {DEBITED},
          COMPLETED: {CREDITED}, FAILED: {REFUNDED, DEBIT_REFUSED}}
#: The events of accounts by which a transfer may have come to each end. The first is always the payer's.
WAYS = {COMPLETED: [[DEBITED, CREDITED]], FAILED: [[DEBITED, REFUNDED], [DEBIT_REFUSED]]}


def check(truth, started, opened):
    """All that is wrong, as sentences; nothing where all is well.

    `started` are the transfers that clients created, by key; `opened` says what each account was opened with.
    """
    return [
        *both_ways_tell_the_same(truth),
        *histories_are_in_order(truth.found),
        *each_transfer_ended_once(truth.found[TRANSFER], started),
        *money_is_where_it_should_be(truth.found[ACCOUNT], opened),
        *moves_are_right(truth.found, started),
        *each_event_led_to_one_update(truth.logs),
        *everything_was_delivered_in_order(truth),
    ]


def both_ways_tell_the_same(truth):
    """REST and gRPC, of every entity."""
    for type, log in truth.logs.items():
        for id in log.keys() - truth.found[type].keys():
            yield f"{type} {id} is in the log, and nobody asked for it"
        for id, events in truth.found[type].items():
            rest = [(event.id, event.type, event.data) for event in events]
            grpc = [(entry.id, entry.type, entry.data) for entry in log.get(id, [])]
            if rest != grpc:
                yield f"{type} {id} is {rest} by REST, and {grpc} in the log"


def histories_are_in_order(found):
    for type, entities in found.items():
        for id, events in entities.items():
            ids = [event.id for event in events]
            if ids != sorted(ids):
                yield f"events of {type} {id} come as {ids}"
            if [int(each.split("-")[1], 16) for each in ids] != list(range(len(ids))):
                yield f"{type} {id} has a gap: {ids}"


def each_transfer_ended_once(transfers, started):
    for key in started:
        came = [event.type for event in transfers.get(key, [])]
        if came not in ([CREATED, COMPLETED], [CREATED, FAILED]):
            yield f"{key} went like this: {came}"


def money_is_where_it_should_be(accounts, opened):
    for id, cents in opened.items():
        events = accounts.get(id, [])
        if not events or (events[0].type, events[0].data["cents"]) != (OPENED, cents):
            yield f"account {id} was not opened with {cents} cents"
        for count in range(1, len(events) + 1):
            if (held := holds(events[:count])) < 0:
                yield f"account {id} holds {held} cents after {count} events"
    total = sum(holds(events) for events in accounts.values())
    if total != sum(opened.values()):
        yield f"accounts hold {total} cents, and were opened with {sum(opened.values())}"


def moves_are_right(found, started):
    """Each transfer took one of the ways to its end, with its own cents, at its own accounts."""
    moves = defaultdict(list)
    for account, events in found[ACCOUNT].items():
        for event in events:
            if event.type == OPENED:
                continue
            moves[event.data["transfer"]].append((event.type, account, event.data["cents"]))
    for key in moves.keys() - started.keys():
        yield f"nobody started {key}, which moved {moves[key]}"
    for key, transfer in started.items():
        end = found[TRANSFER][key][-1].type if found[TRANSFER].get(key) else None
        wanted = [sorted(move(type, transfer) for type in way) for way in WAYS.get(end, [])]
        if sorted(moves[key]) not in wanted:
            yield f"{key} ended with {end}, and moved {moves[key]}"


def move(type, transfer):
    return type, transfer.payee if type == CREDITED else transfer.payer, transfer.cents


def each_event_led_to_one_update(logs):
    """No entity was updated twice for one event, and each update names the event that led to it."""
    entries = [entry for log in logs.values() for entries in log.values() for entry in entries]
    for (root, command), count in Counter((entry.root, entry.command) for entry in entries).items():
        if count > 1:
            yield f"command {command} is stored {count} times on {root.hex()}"
    types = {(domain, entry.root, entry.sequence): entry.type
             for domain, log in logs.items() for entries in log.values() for entry in entries}
    causes = Counter()
    for entry in entries:
        if entry.type in CAUSES:
            causes[entry.cause] += 1
            if types.get(entry.cause) not in CAUSES[entry.type]:
                yield f"{entry.type} {entry.id} was caused by {entry.cause}, which is {types.get(entry.cause)}"
    for cause, count in causes.items():
        if count > 1:
            yield f"{types.get(cause)} {cause} led to {count} updates"


def everything_was_delivered_in_order(truth):
    """The view was given every event; for the first time in the order of its entity."""
    given = defaultdict(dict)
    for delivery in truth.deliveries:
        given[delivery.entity].setdefault(delivery.id, delivery.type)
    for entities in truth.found.values():
        for id, events in entities.items():
            there = {event.id: event.type for event in events}
            came = given.pop(id, {})
            if list(came.items()) != list(there.items()):
                yield f"the view was given {list(came)} of {id}, not {list(there)}"
    for id in given:
        yield f"the view was given events of {id}, which is not there"
