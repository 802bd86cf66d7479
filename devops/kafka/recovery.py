"""Sets right what tansu knows of its producers after a crash, as Kafka does: from the batches that are there.

tansu notes a batch's sequence first and stores the batch then. Killed in between, it takes the producer's retry for a
repeat, and acknowledges a batch that is nowhere.
"""

import json
import struct
from collections import defaultdict

#: Of the header of a batch, magic 2: producer id, its epoch, the first sequence, and the number of records.
PRODUCER = struct.Struct(">qhii")
PRODUCER_OFFSET = 43


def recover_producers(objects):
    """Before tansu starts. `objects` is the directory of its records."""
    for meta in objects.glob("clusters/*/meta.json"):
        content = json.loads(meta.read_bytes())
        following = sequences_in_batches(meta.parent)
        for producer, epochs in content["producers"].items():
            for epoch, topics in epochs["sequences"].items():
                for topic, partitions in topics.items():
                    for partition in partitions:
                        partitions[partition] = following[int(producer), int(epoch), topic, int(partition)]
        meta.write_text(json.dumps(content, separators=(",", ":")))


def sequences_in_batches(cluster):
    """The sequence that each producer goes on with, by its id and epoch, topic and partition."""
    following = defaultdict(int)
    for path in cluster.glob("topics/*/partitions/*/records/*.batch"):
        with path.open("rb") as batch:
            header = batch.read(PRODUCER_OFFSET + PRODUCER.size)
        producer, epoch, first, count = PRODUCER.unpack_from(header, PRODUCER_OFFSET)
        topic, partition = path.parts[-5], path.parts[-3]
        key = producer, epoch, topic, int(partition)
        following[key] = max(following[key], first + count)
    return following
