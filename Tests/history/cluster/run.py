"""One run of the whole path: clients and readers at work on a cluster, faults, and the check of what came of it."""

from collections import Counter
from random import Random

from faults import rounds
from run import Failed

from .checker import Seen, check, deliveries_of
from .clients import Acknowledged, Client
from .faults import ClusterFaults
from .processes import Cluster
from .readers import Inquirer, LogFollower, ProjectionWatcher, Synchronizer, wait_until_level

ROOTS, CLIENTS = 12, 4
#: By when everything must be answered, delivered and seen, once nothing goes wrong any more.
PATIENCE = 60


def run(executable, store, directory, seed, duration):
    """Returns how often each thing happened. Raises `Failed` where a promise was broken."""
    faults = rounds(seed, duration, ClusterFaults.kinds(store))
    random = Random(f"{seed} roots")
    roots = [random.randbytes(16) for _ in range(ROOTS)]
    with store, Cluster(executable, store, directory) as cluster:
        surroundings = seed, cluster, roots, Acknowledged()
        clients = [Client(f"client-{n}", *surroundings) for n in range(CLIENTS)]
        followers = [LogFollower(n % store.partitions, f"follower-{n}", *surroundings) for n in range(2)]
        synchronizer = Synchronizer("synchronizer", *surroundings)
        watcher = ProjectionWatcher("watcher", *surroundings)
        inquirer = Inquirer("inquirer", *surroundings)
        readers = [*followers, synchronizer, watcher, inquirer]
        for each in clients + readers:
            each.start()
        breaking = ClusterFaults(cluster, store)
        breaking.run(faults, duration)
        found = cluster.ended_by_itself()
        for client in clients:
            client.stop(PATIENCE)
        for client in clients:
            client.join()
        truth, late = wait_until_level(readers, cluster, PATIENCE)
        for reader in readers:
            reader.stop()
        found += cluster.ended_by_itself() + late
    for reader in readers:
        reader.join()  # their calls have ended with the cluster
    seen = Seen(
        sent=[sent for client in clients for sent in client.sent],
        followers=[follower.entries for follower in followers],
        tails=inquirer.tails, reads=synchronizer.reads + inquirer.reads,
        watches=[*watcher.calls, inquirer.shown],
        shown=[shown for client in clients for shown in client.shown], written=inquirer.written,
        deliveries=list(deliveries_of(cluster.record.read_text().splitlines())))
    found += [complaint for each in clients + readers for complaint in each.complaints]
    found += check(truth, seen)
    if found:
        raise Failed("\n  ".join([
            f"the whole path on {store.name}, seed {seed}, logs in {directory}:", *found[:20],
            "what went wrong on purpose:", *(f"{fault.at:.2f} s {fault.kind}" for fault in faults)]))
    return Counter(
        [sent.outcome for sent in seen.sent],
        events=sum(map(len, truth.streams.values())), deliveries=len(seen.deliveries),
        reads=len(seen.reads), written=len(seen.written), takeovers=breaking.takeovers)
