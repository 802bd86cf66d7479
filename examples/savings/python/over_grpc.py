"""Two functions behind gRPC: the service of proto/outrider/v1/entity.proto."""

from concurrent import futures

import grpc
from google.protobuf.any_pb2 import Any
from outrider.v1 import entity_pb2 as entity
from outrider.v1 import entity_pb2_grpc as services
from payloads import pack, unpack
from refusal import Refused


def serve(decide, fold, address):
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_EntityServicer_to_server(Functions(decide, fold), server)
    server.add_insecure_port(address)
    server.start()
    print("functions are served over gRPC", flush=True)
    server.wait_for_termination()


class Functions(services.EntityServicer):
    def __init__(self, decide, fold):
        self.decide, self.fold = decide, fold

    def Handle(self, request, context):
        answer, pages = entity.HandleResponse(), request.command.pages
        try:
            commands = [(page.entity, unpacked(page.command)) for page in pages]
            events = self.decide(request.command.cover.domain, commands, *unpacked_state(request.state))
        except (Refused, LookupError) as refusal:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
        for page, (name, event) in zip(pages, events, strict=True):
            answer.pages.add(entity=name, synchronous=page.synchronous).Event.CopyFrom(packed(event))
        return answer

    def Apply(self, request, context):
        events = [(page.entity, unpacked(page.Event)) for page in request.events.pages]
        root, members = self.fold(events, *unpacked_state(request.state))
        answer = entity.ApplyResponse()
        answer.state.root.CopyFrom(packed(root))
        for name, member in members.items():
            answer.state.members[name].CopyFrom(packed(member))
        return answer


def packed(record):
    kind, value = pack(record)
    return Any(type_url=kind, value=value)


def unpacked(payload):
    return unpack(payload.type_url, payload.value)


def unpacked_state(state):
    """The states of the root, if there is one, and of the members."""
    root = unpacked(state.root) if state.HasField("root") else None
    return root, {name: unpacked(member) for name, member in state.members.items()}
