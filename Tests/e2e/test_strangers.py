"""Health and reflection answer anybody, so they take small messages only, and none that unpacks to more."""

import grpc
import pytest
from client import TIMEOUT, Status, refused

MESSAGE_MAX = 64 << 10
ROLES = ["command-handler", "query-handler", "projector"]
METHODS = ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/List", "/grpc.health.v1.Health/Watch",
           "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
           "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"]


def of_size(count):
    """A message of an unknown field, of so many bytes altogether."""
    length = count - 5
    return bytes([0x82, 0x7D, length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14]) + bytes(length)


@pytest.fixture(params=ROLES)
def call(request, shared):
    """Calls any method with one message; the first answer."""
    with grpc.insecure_channel(shared[0].addresses[request.param]) as channel:

        def call(method, message, **options):
            return next(channel.stream_stream(method)(iter([message]), timeout=TIMEOUT, **options))

        yield call


@pytest.mark.parametrize("method", METHODS)
def test_what_is_compressed_is_refused(call, method):
    refused(lambda: call(method, b"", compression=grpc.Compression.Gzip), Status.UNIMPLEMENTED)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_larger_than_64_kib_is_refused(call, method):
    call(method, of_size(MESSAGE_MAX))
    refused(lambda: call(method, of_size(MESSAGE_MAX + 1)), Status.RESOURCE_EXHAUSTED)
