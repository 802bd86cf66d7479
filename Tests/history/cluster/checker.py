"""Judges what clients, readers and the projector's logic saw, against what is there in the end.

Pure: no process, no clock. All that it is given are values of `clients` and `readers`, and lines of the
projector's record.
"""

import hashlib
from collections import Counter, defaultdict, namedtuple

#: What the logic of one projector was given: its state before (number of events and digest), and the events.
Delivery = namedtuple("Delivery", "logic root number digest events")
#: Everything that was seen in a run.
Seen = namedtuple("Seen", "sent followers tails reads watches shown written deliveries")


def check(truth, seen):
    """All that is wrong, as sentences; nothing where all is well."""
    streams = streams_of(truth.log)
    digests = {root: digests_of(events) for root, events in streams.items()}
    return [
        *check_log(truth, seen.sent, streams, digests),
        *followers_saw_the_log(truth.log, seen.followers),
        *heads_were_settled(truth.log, seen.tails),
        *reads_are_of_the_stream(streams, seen.reads),
        *watches_never_go_back(seen.watches),
        *projections_are_folds(digests, [*seen.shown, *(shown for watch in seen.watches for shown in watch)]),
        *readers_saw_what_was_written(truth.log, seen.written),
        *projections_are_complete(digests, truth.projections),
        *deliveries_are_in_order(streams, digests, seen.deliveries),
        *(f"parked for no reason: {parked}" for parked in truth.parked),
    ]


def check_log(truth, sent, streams, digests):
    """What is wrong with the log, as sentences, given what clients sent and were told."""
    return [
        *positions_are_dense(truth),
        *log_keeps_each_order(truth.log),
        *streams_equal_the_log(truth, streams),
        *commits_are_whole(truth.log),
        *everything_was_sent(truth.log, sent),
        *acknowledged_is_there_once(truth.log, sent),
        *refused_is_not_there(truth.log, sent),
        *nothing_happened_twice(truth.log),
        *decisions_were_right(streams, digests),
    ]


def deliveries_of(lines):
    """The record that the projector's logic kept."""
    for line in lines:
        logic, root, state, *pages = line.rstrip("\n").split("\t")
        number, digest = state.split()
        events = [(int(number), text) for number, text in (page.split(" ", 1) for page in pages)]
        yield Delivery(logic, bytes.fromhex(root), int(number), digest, events)


def streams_of(log):
    """Each aggregate's events, as the log tells them."""
    streams = defaultdict(list)
    for entry in log:
        if entry.root is not None:
            streams[entry.root].extend(entry.events)
    return dict(streams)


def digests_of(events):
    """The digest before each event, and after the last: the fold that the projector should have made."""
    digests = ["-"]
    for event in events:
        digests.append(hashlib.sha256(f"{digests[-1]} {event}".encode()).hexdigest()[:16])
    return digests


# The log


def partitions_of(log):
    """The entries of each partition, by its number."""
    partitions = defaultdict(list)
    for entry in log:
        partitions[entry.partition].append(entry)
    return partitions


def positions_are_dense(truth):
    partitions = partitions_of(truth.log)
    for partition, head in enumerate(truth.heads):
        entries = partitions[partition]
        for place, entry in enumerate(entries, start=1):
            if entry.number != place:
                yield f"partition {partition} has position {entry.number} in place {place}"
                break
        if head != len(entries):
            yield f"the head of partition {partition} is {head}, and it ends at {len(entries)}"


def log_keeps_each_order(log):
    next_of, partition_of = defaultdict(int), {}
    for entry in log:
        if entry.root is None:
            continue
        if entry.first != next_of[entry.root]:
            yield (f"{entry.root.hex()} goes on with {entry.first} at position {entry.number}, "
                   f"not with {next_of[entry.root]}")
        if partition_of.setdefault(entry.root, entry.partition) != entry.partition:
            yield f"{entry.root.hex()} is in partition {partition_of[entry.root]} and in {entry.partition}"
        next_of[entry.root] = entry.first + len(entry.events)


def streams_equal_the_log(truth, streams):
    for root in truth.streams.keys() | streams.keys():
        if truth.streams.get(root) != list(enumerate(streams.get(root, []))):
            yield f"{root.hex()} has other events than the log says"


def commits_are_whole(log):
    for entry in log:
        if entry.root is None:
            continue
        words = [event.split() for event in entry.events]
        name, count = words[0][0], len(words)
        if [each[:3] for each in words] != [[name, str(part), str(count)] for part in range(count)]:
            yield f"position {entry.number} does not hold one command's events: {entry.events}"


def everything_was_sent(log, sent):
    wanted = {each.name: each for each in sent}
    for entry in log:
        if entry.root is None:
            continue
        command = wanted.get(name_of(entry))
        if not command or (command.root, command.count) != (entry.root, len(entry.events)):
            yield f"position {entry.number} holds {entry.events}; sent was {command}"
        elif command.id and entry.command != command.id:
            yield f"{command.name} was sent with the id {command.id}, and has {entry.command!r}"


def acknowledged_is_there_once(log, sent):
    places = places_of(log)
    for each in sent:
        if each.outcome != "ok":
            continue
        there = [((entry.partition, entry.number), entry.root, entry.first, entry.events)
                 for entry in places[each.name]]
        told = [(each.place, each.root, each.first, each.events)] if each.events else []
        if there != told:
            yield f"{each.name} was acknowledged as {told}, and is there as {there}"
        if each.events and each.first < each.known:
            yield f"{each.name} was put at {each.first}, after {each.known} events had been acknowledged"
        if len(each.events) != each.count:
            yield f"{each.name} wanted {each.count} events, and was answered {each.events}"


def refused_is_not_there(log, sent):
    places = places_of(log)
    for each in sent:
        if each.outcome == "refused" and places[each.name]:
            yield f"{each.name} was refused, and is at {[entry.number for entry in places[each.name]]}"


def nothing_happened_twice(log):
    times = Counter(name_of(entry) for entry in log if entry.root is not None)
    for name, count in times.items():
        if count > 1:
            yield f"{name} happened {count} times"


def name_of(entry):
    return entry.events[0].split()[0]


def places_of(log):
    places = defaultdict(list)
    for entry in log:
        if entry.root is not None:
            places[name_of(entry)].append(entry)
    return places


def decisions_were_right(streams, digests):
    """The logic decided on just the events that are before its own."""
    for root, events in streams.items():
        for number, event in enumerate(events):
            onto = event.split()[3]
            if onto not in ("fact", digests[root][number]):
                yield f"{event} of {root.hex()} was decided on a state that never was at event {number}"


# What was shown on the way


def followers_saw_the_log(log, followers):
    partitions = partitions_of(log)
    for number, entries in enumerate(followers):
        for place, entry in enumerate(entries):
            there = (partitions[entry.partition][place:] or [None])[0]
            if entry != there:
                yield f"follower {number} saw {entry} in place {place + 1}, where the log has {there}"
                break


def heads_were_settled(log, tails):
    """Whoever reads on behind a head misses nothing: all before it can be read at once."""
    partitions = partitions_of(log)
    for tail in tails:
        end = tail.after + len(tail.entries)
        if tail.entries != partitions[tail.partition][tail.after:end]:
            yield f"behind {tail.after} the log showed {tail.entries}, which are not the entries there"
        elif end < tail.head:
            yield f"the log said that it ends at {tail.head}, and showed {len(tail.entries)} behind {tail.after}"


def reads_are_of_the_stream(streams, reads):
    for read in reads:
        events = streams.get(read.root, [])
        for place, (number, text) in enumerate(read.events, start=read.lower):
            there = events[place] if place < len(events) else None
            if (number, text) != (place, there):
                yield (f"{read.who} was given {text!r} as event {number} of {read.root.hex()}; "
                       f"event {place} is {there!r}")
                break
        else:
            if read.lower + len(read.events) < read.known:
                yield (f"{read.who} was given {len(read.events)} events of {read.root.hex()} from {read.lower} on, "
                       f"when {read.known} were acknowledged")


def watches_never_go_back(watches):
    for watch in watches:
        last = {}
        for shown in watch:
            if shown.sequence < last.get(shown.root, 0):
                yield (f"the projection of {shown.root.hex()} went back from {last[shown.root]} "
                       f"to {shown.sequence}")
            last[shown.root] = shown.sequence


def projections_are_folds(digests, shown):
    for each in shown:
        made = digests.get(each.root, ["-"])
        number = each.sequence + 1
        if number >= len(made):
            yield f"a projection of {each.root.hex()} included event {each.sequence}, which does not exist"
        elif each.value != f"{number} {made[number]}":
            yield f"a projection of {each.root.hex()} was {each.value!r}, not '{number} {made[number]}'"


def readers_saw_what_was_written(log, written):
    """Whoever asks for a projection that has come to a command's place gets the command's events."""
    entries = {(entry.partition, entry.number): entry for entry in log}
    for each in written:
        entry = entries.get(each.place)
        if not entry or entry.root != each.root:
            yield f"{each.who} asked for {each.root.hex()} at {each.place}, where the log has {entry}"
        elif each.included < entry.first + len(entry.events):
            yield (f"{each.who} asked for {each.root.hex()} at {each.place}, and was shown the projection of "
                   f"{each.included} events, without {entry.events[-1]!r}")


def projections_are_complete(digests, projections):
    of = {shown.root: shown for shown in projections}
    for root in of.keys() | digests.keys():
        number = len(digests.get(root, ["-"])) - 1
        shown = of.get(root)
        if not shown or shown.sequence != number - 1:
            yield f"{root.hex()} has {number} events, and its projection is {shown}"
        else:
            yield from projections_are_folds(digests, [shown])


def deliveries_are_in_order(streams, digests, deliveries):
    """Each event after the one before it; again is allowed, a gap is not. None is left out."""
    next_of = defaultdict(int)
    for number, delivery in enumerate(deliveries, start=1):
        events, made = streams.get(delivery.root, []), digests.get(delivery.root, ["-"])
        where = f"delivery {number}, of {delivery.root.hex()} to {delivery.logic},"
        if not delivery.events:
            yield f"{where} holds nothing"
            continue
        first = delivery.events[0][0]
        if first > next_of[delivery.root]:
            yield f"{where} begins at {first}, when only those before {next_of[delivery.root]} were delivered"
        if delivery.number != first or delivery.digest not in made[first:first + 1]:
            yield f"{where} begins at {first}, with the projection of {delivery.number} {delivery.digest}"
        if delivery.events != list(enumerate(events))[first:first + len(delivery.events)]:
            yield f"{where} holds {delivery.events}, which are not the events there"
        next_of[delivery.root] = max(next_of[delivery.root], delivery.events[-1][0] + 1)
    for root, events in streams.items():
        if next_of[root] != len(events):
            yield f"{root.hex()} has {len(events)} events, of which {next_of[root]} were delivered"
