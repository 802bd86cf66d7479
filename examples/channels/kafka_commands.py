"""Hands a command to Outrider through Kafka. Needs confluent-kafka.

Try it:  python3 examples/channels/kafka_commands.py 127.0.0.1:9092 savings:12345-09 savings.OpenAccount '{"owner": "Ann"}'
"""

import json
import sys
import uuid

from confluent_kafka import Producer

servers, entity, kind, payload = sys.argv[1:]
command = {"entity": entity, "command_type": kind, "payload": json.loads(payload), "id": str(uuid.uuid4())}
producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True})
producer.produce("kf-evento-commands", json.dumps(command), key=entity, headers={"content-type": "application/json"})
if producer.flush(30):
    sys.exit("no broker took it: publish it again, with the same id")
print(command["id"])
