"""Stands between Kafka's clients and tansu, because librdkafka 2.0, which Debian 12 has, cannot read tansu's greeting.

A client first asks which versions of each request the broker knows (ApiVersions). In version 3 of the answer tansu
sends tagged fields that librdkafka 2.0 skips wrongly. A broker that does not know version 3 says so, and the client asks
again with version 0: this is what the gateway does. Everything else passes unchanged.
"""

import asyncio
import contextlib
import struct

from .sasl import Refused, authenticate, read_frame

API_VERSIONS = 18
UNSUPPORTED_VERSION = 35
VERSION_MAX = 2  # the last without tagged fields
CHUNK = 256 * 1024


async def listen(port, behind, tls=None, login=None):
    """Serves until it is cancelled. `behind` is tansu's port; `tls` an SSL context; `login` the user and password that
    clients must show by SASL."""
    async def serve(reader, writer):
        try:
            await connect(reader, writer, behind, login)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, Refused):
            pass  # either side went away, or the gateway ends
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=tls, limit=CHUNK)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.serve_forever()


async def connect(reader, writer, port, login):
    request = await first_request(reader, writer)
    onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port, limit=CHUNK)

    async def ask(request):
        onward_writer.write(request)
        return await read_frame(onward_reader)

    try:
        if login:
            writer.write(await ask(request))
            await authenticate(reader, writer, ask, *login)
        else:
            onward_writer.write(request)
        await either(copy(reader, onward_writer), copy(onward_reader, writer))
    finally:
        onward_writer.close()


async def first_request(reader, writer):
    """The first request that tansu may answer. Each begins with size, key, version and correlation id."""
    while True:
        request = await read_frame(reader)
        key, version, correlation = struct.unpack_from(">hhi", request, 4)
        if key != API_VERSIONS or version <= VERSION_MAX:
            return request
        writer.write(struct.pack(">iihihhh", 16, correlation, UNSUPPORTED_VERSION, 1, API_VERSIONS, 0, VERSION_MAX))


async def either(*coroutines):
    """Until one of them ends."""
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task


async def copy(reader, writer):
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
