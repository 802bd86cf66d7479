"""Reads what writers and followers of one log have noted, and proves that the log kept its promises.

A history is a list of lines, each a tuple of words, as `history-worker` prints them:

    try ID ROOT FIRST COUNT COMMAND    a writer is about to append this commit ("-": no command id)
    ok ID POSITION                     it was acknowledged
    conflict ID NEXT                   it was refused: someone else was faster
    known ID EARLIER POSITION          it was refused: EARLIER is what this command appended before
    unknown ID                         nobody knows
    saw POSITION ID ROOT FIRST COUNT COMMAND    a follower was given this commit
"""

from collections import Counter, defaultdict, namedtuple

Commit = namedtuple("Commit", "id root first count command")


def check(writers, followers, log):
    """All that is wrong, as sentences; nothing where all is well.

    `log` is the history of a follower that began at the beginning and saw everything.
    """
    log = seen(log)
    tried, faults = attempts(writers)
    return [
        *faults,
        *positions_rise("the log", log),
        *streams_are_dense(log),
        *what_is_there_was_sent(log, tried),
        *acknowledged_is_there(writers, log),
        *refused_is_not_there(writers, log),
        *commands_happened_once(log),
        *(fault for number, follower in enumerate(followers)
          for fault in follower_saw_the_log(f"follower {number}", seen(follower), log)),
    ]


def seen(history):
    """Positions and commits in the order in which they were seen."""
    return [(int(line[1]), commit_of(line[2:])) for line in history if line[0] == "saw"]


def commit_of(words):
    id, root, first, count, command = words
    return Commit(id, root, int(first), int(count), command)


def attempts(writers):
    """Commits that were tried, by id."""
    tried, faults = {}, []
    for line in all_lines(writers, "try"):
        commit = commit_of(line[1:])
        if commit.id in tried:
            faults.append(f"two writers made the commit {commit.id}: the check itself is wrong")
        tried[commit.id] = commit
    return tried, faults


def all_lines(histories, word):
    return (line for history in histories for line in history if line[0] == word)


def positions_rise(who, log):
    for (before, _), (after, commit) in zip(log, log[1:]):
        if after <= before:
            yield f"{who} shows position {after} ({commit.id}) behind {before}"


def streams_are_dense(log):
    next_of = defaultdict(int)
    for position, commit in log:
        if commit.first != next_of[commit.root]:
            yield (f"{commit.root} goes on with {commit.first} at position {position}, "
                   f"not with {next_of[commit.root]}")
        next_of[commit.root] = commit.first + commit.count


def what_is_there_was_sent(log, tried):
    for position, commit in log:
        if tried.get(commit.id) != commit:
            yield f"position {position} holds {commit}; sent was {tried.get(commit.id)}"


def acknowledged_is_there(writers, log):
    places = defaultdict(list)
    for position, commit in log:
        places[commit.id].append(position)
    for _, id, position in all_lines(writers, "ok"):
        if places[id] != [int(position)]:
            yield f"{id} was acknowledged at {position}, and is at {places[id]}"
    for _, id, earlier, position in all_lines(writers, "known"):
        # A command sent again may meet its own first try, whose answer was lost.
        if places[earlier] != [int(position)]:
            yield f"{id} was answered with {earlier} at {position}, which is at {places[earlier]}"
        if id != earlier and places[id]:
            yield f"{id} was refused as a repetition, and is at {places[id]}"


def refused_is_not_there(writers, log):
    there = {commit.id for _, commit in log}
    for _, id, _ in all_lines(writers, "conflict"):
        if id in there:
            yield f"{id} was refused as a conflict, and is in the log"


def commands_happened_once(log):
    times = Counter((commit.root, commit.command) for _, commit in log if commit.command != "-")
    for (root, command), count in times.items():
        if count > 1:
            yield f"the command {command} on {root} happened {count} times"


def follower_saw_the_log(who, its, log):
    """A follower saw a part of the log without a gap, and the rest of it is only what came later."""
    if not its:
        return
    index = {position: place for place, (position, _) in enumerate(log)}
    start = index.get(its[0][0])
    if start is None:
        yield f"{who} began at position {its[0][0]}, which the log does not have"
        return
    for (position, commit), expected in zip(its, log[start:]):
        if (position, commit) != expected:
            yield f"{who} saw {commit} at {position} where the log has {expected}"
            return
    if len(its) > len(log) - start:
        yield f"{who} saw {its[len(log) - start]} behind the log's end"
