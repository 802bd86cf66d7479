"""A collector of OpenTelemetry's traces: OTLP over gRPC, with OpenTelemetry's own messages."""

import threading
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.proto.trace.v1.trace_pb2 import Status as SpanStatus


class Span:
    """A span as tests look at it."""

    def __init__(self, span: Message, resource):
        self.trace, self.id, self.parent = span.trace_id, span.span_id, span.parent_span_id
        self.name, self.state = span.name, span.trace_state
        self.kind = Message.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower()
        self.began, self.ended = span.start_time_unix_nano, span.end_time_unix_nano
        self.attributes = values(span.attributes)
        self.links = [(link.trace_id, link.span_id) for link in span.links]
        self.failed = span.status.code == SpanStatus.STATUS_CODE_ERROR
        self.flags = span.flags
        self.resource = resource

    def __repr__(self):
        return f"{self.name} ({self.kind}) {self.attributes}"


def values(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """`answer` may be set to what is done with a request beside keeping it."""

    def __init__(self, address="127.0.0.1:0", credentials=None):
        self.lock = threading.Lock()
        self.received, self.metadata = [], []
        self.answer = lambda request, context: trace_service_pb2.ExportTraceServiceResponse()
        self.server = grpc.server(futures.ThreadPoolExecutor(8))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self.server)
        port = (self.server.add_secure_port(address, credentials) if credentials
                else self.server.add_insecure_port(address))
        self.address = f"127.0.0.1:{port}"
        self.server.start()

    def Export(self, request, context):
        answer = self.answer(request, context)
        with self.lock:
            self.metadata.append(dict(context.invocation_metadata()))
            for of_resource in request.resource_spans:
                resource = values(of_resource.resource.attributes)
                for of_scope in of_resource.scope_spans:
                    self.received += [Span(span, resource) for span in of_scope.spans]
        return answer

    def spans(self, name=None):
        with self.lock:
            return [span for span in self.received if name in (None, span.name)]

    def of_trace(self, trace):
        return [span for span in self.spans() if span.trace == trace]

    def stop(self):
        self.server.stop(None).wait(10)
