"""What there is in the end: the logs, the instances, what is parked, and what the saga's logic was asked."""

from collections import namedtuple

from outrider.v1 import log_pb2, log_pb2_grpc, parked_pb2, parked_pb2_grpc, sagas_pb2, sagas_pb2_grpc

from .clients import channel
from .logic import ACCOUNT, SAGA, TRANSFER, take

OWN = f"$saga.{SAGA}"  # the saga's own domain
TIMEOUT = 60  # seconds

#: A commit of the log: `events` are dictionaries, or steps in the saga's own domain.
Entry = namedtuple("Entry", "partition number root first events command correlation recorded")
#: A call of the saga's logic. Times are nanoseconds; `due` is 0 where it was no timer's.
Reaction = namedtuple("Reaction", "key trigger token due now")
#: All that there is. `logs` are by domain, `unfinished` and `parked` are sentences.
Truth = namedtuple("Truth", "logs unfinished parked reactions")


def read_truth(deployment):
    logs = {domain: read_log(deployment, domain) for domain in (ACCOUNT, TRANSFER, OWN)}
    reactions = [Reaction(*fields[:3], int(fields[3]), int(fields[4])) for fields in (
        line.rstrip("\n").split("\t") for line in open(deployment.directory / "reactions"))]
    return Truth(logs, read_unfinished(deployment), read_parked(deployment), reactions)


def read_log(deployment, domain):
    stub = log_pb2_grpc.LogStub(channel(deployment.queries))
    return [entry_of(answer, domain) for partition in range(deployment.partitions) for answer in stub.Read(
        log_pb2.ReadLogRequest(domain=domain, partition=partition), timeout=TIMEOUT) if not answer.tombstone]


def entry_of(answer, domain):
    book = answer.book
    return Entry(
        answer.position.partition, answer.position.number, book.cover.root.value, book.pages[0].num,
        [step_of(page.Event) if domain == OWN else take(page.Event) for page in book.pages],
        book.command_id, book.correlation, book.pages[0].createdAt.ToNanoseconds())


def step_of(packed):
    step = sagas_pb2.SagaStep()
    assert packed.Unpack(step), packed.type_url
    return step


def read_unfinished(deployment):
    stub = sagas_pb2_grpc.SagasStub(channel(deployment.sagas[0]))
    request = sagas_pb2.ListSagaInstancesRequest(saga=SAGA, unfinished=True, page_size=1000)
    return [f"{each.state.key} waits for {len(each.state.pending)} commands and {len(each.state.timers)} timers, "
            f"inputs wait until step {each.state.waiting_until}"
            for each in stub.List(request, timeout=TIMEOUT).instances]


def read_parked(deployment):
    stub = parked_pb2_grpc.ParkedStub(channel(deployment.sagas[0]))
    return [f"{domain}/{each.root.value.hex()} at {each.first_sequence}: {each.reason}"
            for domain in (TRANSFER, OWN)
            for each in stub.List(parked_pb2.ListParkedRequest(domain=domain), timeout=TIMEOUT).parked]
