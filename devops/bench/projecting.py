"""Projector logic in Python that takes next to no time: what `rebuild` has its projections made by."""

import os
from concurrent import futures

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc


class Projector(evented_pb2_grpc.ProjectorServicer):
    """The projection is the last event's payload."""

    def HandleSync(self, book, context):
        return evented.Projection(projection=book.pages[-1].Event)


server = grpc.server(futures.ThreadPoolExecutor(4))
evented_pb2_grpc.add_ProjectorServicer_to_server(Projector(), server)
server.add_insecure_port(os.environ["OUTRIDER_PROJECTOR_ADDRESS"])
server.start()
server.wait_for_termination()
