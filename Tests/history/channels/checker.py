"""Judges what came of a run: pure, like `cluster.checker`, whose checks of the log it uses."""

from collections import namedtuple

from cluster.checker import (
    check_log, deliveries_are_in_order, deliveries_of, digests_of, projections_are_complete, streams_of)

#: What a projector has in the end: its projections, the roots that are parked, and what its logic was given.
Projected = namedtuple("Projected", "source projections parked deliveries")
#: What a consumer of another make was given, and how many repeats are allowed.
Consumed = namedtuple("Consumed", "notes repeats_max")


def check(truth, sent, projected, consumed, dead_letters):
    """All that is wrong, as sentences; nothing where all is well."""
    streams = streams_of(truth.log)
    digests = {root: digests_of(events) for root, events in streams.items()}
    found = check_log(truth, sent, streams, digests)
    for each in projected:
        wrong = [
            *projections_are_complete(digests, each.projections),
            *deliveries_are_in_order(streams, digests, deliveries_of(each.deliveries)),
            *(f"parked for no reason: {parked}" for parked in each.parked),
        ]
        found += [f"source {each.source}: {sentence}" for sentence in wrong]
    for each in consumed:
        found += each.notes.complaints
        found += everything_came(streams, each.notes)
        if each.notes.repeats > each.repeats_max:
            found.append(f"{each.notes.name} was given {each.notes.repeats} repeats, more than {each.repeats_max}")
    return found + [f"{count} dead letters at {broker}" for broker, count in dead_letters.items() if count]


def everything_came(streams, notes):
    for root in streams.keys() | notes.events.keys():
        came, there = notes.events.get(root, []), streams.get(root, [])
        if came != there:
            yield f"{notes.name} was given {len(came)} events of {root.hex()}, not the {len(there)} that there are"
