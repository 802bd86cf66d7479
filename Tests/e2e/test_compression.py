"""Compressed messages, from a client that is not ours."""

import grpc
from client import commands, new_root
from evented import evented_pb2_grpc


def test_compressed_command_is_understood(shared, client):
    sidecar, _ = shared
    options = [("grpc.default_compression_algorithm", grpc.Compression.Gzip.value)]
    with grpc.insecure_channel(
            sidecar.addresses["command-handler"], options=options,
            compression=grpc.Compression.Gzip) as channel:
        handler = evented_pb2_grpc.BusinessCoordinatorStub(channel)
        answer = handler.Handle(commands(new_root(), b"a" * 100_000), timeout=10)
        assert len(answer.books[0].pages) == 1
