"""What must hold of accounts in the end, worked out from the logs and from what clients were told."""

import uuid
from collections import Counter, defaultdict

from proofs import proof
from savings_books import ENDS, Book, book_after, book_in, moved_by
from savings_clients import KINDS
from savings_records import account_name, record, unpacked

SNAPSHOT_EVENTS = 20  # as savings.yaml says


def prove_books(clients):
    """Ends the process at the first claim that does not hold. Returns the events of each account."""
    logs = {kind: clients.log(kind) for kind in KINDS}
    commits = [entry.book for log in logs.values() for entry in log if not entry.tombstone]
    streams = defaultdict(list)
    for book in commits:
        streams[name_of(book)].extend(book.pages)
    prove_commands(clients, logs, commits, streams)
    prove_money(clients, streams)
    prove_transfers(clients, commits)
    return streams


def prove_commands(clients, logs, commits, streams):
    stored = Counter(book.command_id for book in commits)
    right = {key: 1 for key in clients.answers} | {key: 0 for key in clients.refusals}
    proof(
        "the logs hold every command that succeeded exactly once, and none that was refused",
        [f"command {key}: {stored[key]} times" for key, times in right.items() if stored[key] != times]
        + [f"command {key} of the dispatcher: {times} times" for key, times in stored.items() if times > 1],
        f"{len(clients.answers)} succeeded, {len(clients.refusals)} were refused")
    events = {book.command_id: [unpacked(page.Event) for page in book.pages] for book in commits}
    proof(
        "what was answered is what is stored",
        [f"command {key} for {shown(name)}" for key, (name, told) in clients.answers.items() if events[key] != told])
    proof(
        "log positions are dense, and every account's events are numbered from 0 without a gap",
        [f"{kind}, position {entry.position.number} in place {place}" for kind, log in logs.items()
         for place, entry in enumerate(log, start=1) if entry.position.number != place]
        + [shown(name) for name, pages in streams.items()
           if [page.num for page in pages] != list(range(len(pages)))],
        f"{sum(map(len, streams.values()))} events of {len(streams)} accounts")


def prove_money(clients, streams):
    faults = []
    for name, pages in streams.items():
        book = Book()
        for page in pages:
            book.enter(page.entity, unpacked(page.Event))
            faults += [f"{shown(name)}, event {page.num}: {fault}" for fault in book.faults()]
    proof("no account was ever overdrawn, and no card beyond its limit", faults)
    there = sum(book_after(pages).cents for pages in streams.values())
    cash = "CashDeposited", "CashWithdrawn"
    put_in = sum(moved_by(event) for _, events in clients.answers.values()
                 for event in events if event[0] in cash)
    proof(
        "no money was made, and none was lost",
        [f"{there} cents are there, and clients put in {put_in} more than they took"] if there != put_in else [],
        f"{there / 100:,.2f} in all")


def prove_transfers(clients, commits):
    told = {key for key, (_, events) in clients.answers.items()
            if any(event[0] == "TransferSent" for event in events)}
    sent, ends = defaultdict(list), defaultdict(list)
    for book in commits:
        for event in (unpacked(page.Event) for page in book.pages):
            if event[0] == "TransferSent":
                sent[book.correlation].append((name_of(book), event))
            elif event[0] in ENDS:
                ends[book.correlation].append((name_of(book), event))
    proof(
        "every transfer ended exactly once: received by its payee, or taken back where there is none",
        [f"transfer {key}: sent {sent[key]}, ended {ends[key]}" for key in told | sent.keys() | ends.keys()
         if key not in told or len(sent[key]) != 1 or ends[key] != [right_end(*sent[key][0], clients.accounts)]],
        f"{len(told)} transfers")
    proof(
        "the dispatcher waits for nothing, and nothing of it is parked",
        [f"command {command.command_id} has not ended" for command in clients.pending()]
        + [f"{uuid.UUID(bytes=each.root.value)} is parked: {each.reason}" for each in clients.set_aside()],
        f"{len(clients.instances())} instances")


def right_end(payer, sent, accounts):
    """Where a transfer should end, and the event."""
    payee, amount = sent[1]["payee"], sent[1]["amount"]
    for name in accounts:
        if account_name(*name) == payee:
            return name, record("TransferReceived", payer=account_name(*payer), amount=amount)
    return payer, record("TransferTakenBack", amount=amount, reason="there is no such account")


def prove_states(streams, states, snapshots):
    proof(
        "every state that Outrider hands to the functions after a restart is what the events make",
        [f"{shown(name)}: {next} events, {book_in(state)}, not {len(streams[name])}, {book_after(streams[name])}"
         for name, (next, state) in states.items()
         if (next, book_in(state)) != (len(streams[name]), book_after(streams[name]))]
        + [f"{shown(name)} has none" for name in streams.keys() - states.keys()],
        f"{len(states)} accounts, {sum(len(state.members) for _, state in states.values())} cards")
    proof(
        "every snapshot is what the events up to it make",
        [f"{shown(name)}, event {sequence}: {book_in(state)}" for name, (sequence, state) in snapshots.items()
         if book_in(state) != book_after(streams[name][:sequence + 1])]
        + [f"{shown(name)} has none, after {len(pages)} events" for name, pages in streams.items()
           if len(pages) >= SNAPSHOT_EVENTS and name not in snapshots],
        f"{len(snapshots)} snapshots")


def name_of(book):
    return book.cover.domain, book.cover.root.value


def shown(name):
    return f"{name[0]}/{uuid.UUID(bytes=name[1])}"
