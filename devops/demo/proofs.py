"""What must hold in the end, worked out from what was acknowledged and from what can be read."""

import sys
from collections import Counter, defaultdict

from messages import name, recount, text


def prove(clients, accounts):
    """Ends the process at the first claim that does not hold. Returns the events of each account."""
    answers = clients.ledger.answers
    streams = {root: clients.events(root) for root in accounts}
    entries = list(clients.log(max(answer.position.number for _, answer in answers.values())))
    log = [entry for entry in entries if not entry.tombstone]
    times_stored = Counter(entry.book.command_id for entry in log)

    proof(
        "every command was answered in the end, none with an error",
        [f"command {key} for {name(root)}" for key, (root, _) in clients.ledger.pending.items()],
        f"{len(answers)} commands")
    proof(
        "the log holds every acknowledged command exactly once, and nothing else",
        [f"command {key}: stored {times_stored[key]} times, acknowledged {key in answers}"
         for key in answers.keys() | times_stored.keys()
         if times_stored[key] != 1 or key not in answers],
        f"{len(log)} commits")
    proof(
        "log positions are dense",
        [f"position {entry.position.number} in place {place}"
         for place, entry in enumerate(entries, start=1) if entry.position.number != place],
        f"{len(entries) - len(log)} were given up: a writer was killed, or another was faster" if len(entries) > len(log) else "")
    proof(
        "every account's events are numbered from 0 without a gap",
        [f"{name(root)}: {[page.num for page in pages]}"
         for root, pages in streams.items()
         if [page.num for page in pages] != list(range(len(pages)))],
        f"{sum(map(len, streams.values()))} events of {len(accounts)} accounts")
    proof(
        "every acknowledged event is stored as it was acknowledged",
        [f"{name(root)}, event {page.num}"
         for root, answer in answers.values() for book in answer.books for page in book.pages
         if streams[root][page.num : page.num + 1] != [page]])
    in_log = grouped_by_root(log)
    proof(
        "log and event streams say the same",
        [name(root) for root in streams.keys() | in_log.keys()
         if streams.get(root) != in_log.get(root)])
    balances = {
        root: clients.balance(root, at_least=len(pages) - 1) for root, pages in streams.items()}
    proof(
        "every balance is right",
        [f"{name(root)}: {text(balance)}, but its events make {text(recount(streams[root]))}"
         for root, balance in balances.items() if balance != recount(streams[root])],
        f"{sum(balance.cents for balance in balances.values()) / 100:,.2f} in all")
    return streams


def proof(claim, counterexamples, note=""):
    print(f"  {'FAILED' if counterexamples else 'holds '}  {claim}" + (f" ({note})" if note else ""), flush=True)
    if counterexamples:
        sys.exit("\n".join(f"          {each}" for each in counterexamples[:5]))


def grouped_by_root(log):
    streams = defaultdict(list)
    for entry in log:
        streams[entry.book.cover.root.value].extend(entry.book.pages)
    return streams


def prove_audit(seen, streams):
    """`seen` are the pages of each account, as they came to a consumer of messages."""
    numbers = {root: [page.num for page in seen.get(root, [])] for root in streams.keys() | seen.keys()}
    proof(
        "the auditor saw each account's events in order, without a gap",
        [f"{name(root)}: {gap}" for root, came in numbers.items()
         if (gap := first_gap(came, len(streams.get(root, []))))],
        f"{sum(len(came) - len(set(came)) for came in numbers.values())} repeats")
    proof(
        "the auditor saw what the log holds",
        [f"{name(root)}, event {page.num}"
         for root, pages in seen.items() for page in pages if page != streams[root][page.num]])


def first_gap(numbers, count):
    """What is wrong with numbers that should go from 0 up to the count; they may go back, and repeat."""
    expected = 0
    for number in numbers:
        if number > expected:
            return f"event {number} came before event {expected}"
        expected = max(expected, number + 1)
    return None if expected == count else f"{expected} events of {count}"
