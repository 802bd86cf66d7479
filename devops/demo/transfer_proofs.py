"""What must hold of transfers in the end, worked out from the logs alone."""

import uuid
from collections import Counter, defaultdict

import bank_pb2 as bank
from messages import unpack
from outrider.v1 import command_outcome_pb2 as outcomes
from outrider.v1 import sagas_pb2
from proofs import proof
from transfers import OPENED_WITH, OWN

APPENDED = outcomes.CommandOutcome.APPENDED
IN_ORDER = [["TransferStarted", "TransferCompleted"], ["TransferStarted", "TransferFailed"]]


def prove_transfers(transfers):
    """Ends the process at the first claim that does not hold."""
    logs = {domain: transfers.log(domain) for domain in ("bank", "transfer")}
    instances = steps_of(transfers.log(OWN))
    ends = ends_of(logs["transfer"])
    prove_ends(transfers, ends)
    prove_money(transfers, logs["bank"], ends)
    prove_instances(transfers, instances)
    prove_commands(logs, instances)


def prove_ends(transfers, ends):
    proof(
        "every transfer that was started ended exactly once",
        [f"transfer {key}: {ends.get(key, [])}" for key in transfers.started.keys() | ends.keys()
         if ends.get(key, []) not in IN_ORDER or key not in transfers.started],
        f"{len(ends)} transfers")


def prove_money(transfers, log, ends):
    balances, overdrawn, moved = Counter(), [], defaultdict(list)
    for entry in log:
        for page in entry.book.pages:
            event, root = unpack(page.Event), entry.book.cover.root.value
            cents = signed(event)
            balances[root] += cents
            if balances[root] < 0:
                overdrawn.append(f"account {uuid.UUID(bytes=root)} at position {entry.position.number}")
            if cents:
                moved[entry.book.correlation].append((root, cents))
    proof("no account was ever overdrawn", overdrawn, f"{len(transfers.accounts)} accounts")
    there, put_in = sum(balances.values()), OPENED_WITH * len(transfers.accounts)
    proof(
        "no money was made, and none was lost",
        [f"{there} cents are there, {put_in} were put in"] if there != put_in else [],
        f"{there / 100:,.2f} in all")
    proof(
        "a transfer that completed moved money once, one that failed left it where it was",
        [f"transfer {key}: {' and '.join(ends[key])}, moved {moved[key]}"
         for key in ends if not moves_are_right(ends[key], moved[key])])


def moves_are_right(ended, moves):
    if ended[-1] == "TransferCompleted":
        return len(moves) == 2 and len({root for root, _ in moves}) == 2 and sum(cents for _, cents in moves) == 0
    return len(moves) in (0, 2) and len({root for root, _ in moves}) <= 1 and sum(cents for _, cents in moves) == 0


def signed(event):
    match event:
        case bank.DepositReceived():
            return event.cents
        case bank.CashWithdrawn():
            return -event.cents
    return 0


def prove_instances(transfers, instances):
    proof(
        "every instance of the saga has finished, none is parked",
        [f"{each.state.key} waits for {len(each.state.pending)} commands" for each in transfers.unfinished()]
        + [f"{uuid.UUID(bytes=each.root.value)} is parked: {each.reason}" for each in transfers.set_aside()]
        + [f"transfer {key} has none" for key in transfers.started.keys() - instances.keys()],
        f"{len(instances)} instances")
    proof(
        "the steps of each are numbered from 0 without a gap, and the last one finished it",
        [f"{key}: {[number for number, _ in steps]}" for key, steps in instances.items()
         if [number for number, _ in steps] != list(range(len(steps)))
         or [step.finished for _, step in steps] != [False] * (len(steps) - 1) + [True]],
        f"{sum(map(len, instances.values()))} steps")


def prove_commands(logs, instances):
    # The command of a last step is carried out, but its end is not heard any more.
    sent = {(key, number, index) for key, steps in instances.items()
            for number, step in steps if not step.finished for index in range(len(step.commands))}
    ended = defaultdict(list)
    for key, steps in instances.items():
        for _, step in steps:
            if step.HasField("outcome"):
                command = step.outcome.command
                ended[key, command.sequence, command.index].append(step.outcome)
    proof(
        "every command of the saga ended exactly once",
        [f"command {index} of step {number} of {key}: {len(ended[key, number, index])} times"
         for key, number, index in sent | ended.keys() if len(ended[key, number, index]) != (
             (key, number, index) in sent)],
        f"{len(sent)} commands")
    ends = [end for came in ended.values() for end in came]
    stored = Counter(entry.book.command_id for log in logs.values() for entry in log)
    proof(
        "what each was told of its command is what the log holds",
        [f"{end.command.command_id}: {outcomes.CommandOutcome.End.Name(end.end)}, but stored {times} times"
         for end in ends if (times := stored[end.command.command_id]) != (end.end == APPENDED)],
        f"{sum(end.end != APPENDED for end in ends)} led to nothing")
    proof(
        "no command is in the logs of bank and transfer twice",
        [f"command {id}: {count} times" for id, count in stored.items() if count != 1],
        f"{len(stored)} commits")


def steps_of(log):
    """The steps of each instance with their numbers, by the transfer's correlation."""
    instances = defaultdict(list)
    for entry in log:
        for page in entry.book.pages:
            step = sagas_pb2.SagaStep()
            page.Event.Unpack(step)
            instances[entry.book.correlation].append((page.num, step))
    return instances


def ends_of(log):
    """The kinds of events of each transfer, by its correlation."""
    ends = defaultdict(list)
    for entry in log:
        ends[entry.book.correlation] += [page.Event.TypeName().rpartition(".")[2] for page in entry.book.pages]
    return ends
