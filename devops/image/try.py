"""Runs what is in the image: from its mounted root, with its own libraries, as its own user, with nothing of this
machine but the network. Usage: buildah inspect IMAGE | try.py ROOT ARCHIVE"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path

import grpc
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services
from google.protobuf import wrappers_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

#: Of the archive, whose layer is compressed.
MEGABYTES_MAX = 30
TIMEOUT = 20  # seconds, of a start, a call and an end
ROLES = {"command-handler", "query-handler"}


def main(root, archive):
    config = json.load(sys.stdin)["OCIv1"]["config"]
    for promised in ("Entrypoint", "User", "WorkingDir"):
        assert config.get(promised), f"the image names no {promised}"
    refuse_leftovers(root)
    keeps_events(root, config)
    size = archive.stat().st_size
    assert size <= MEGABYTES_MAX * 1_000_000, f"the image has {size / 1_000_000:.0f} MB, and may have {MEGABYTES_MAX}"


def refuse_leftovers(root):
    """No shell, nothing that changes its user, nothing that anybody may write to but /tmp."""
    for path in root.rglob("*"):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        assert not mode & 0o6000, f"{path} changes its user"
        assert path == root / "tmp" or not mode & 0o002, f"anybody may write to {path}"
    shells = [path for path in root.rglob("*") if path.name in ("sh", "bash", "busybox")]
    assert not shells, shells


#: As a pod has it: /proc, a root that nobody can write to, and a volume at /data.
IN_CONTAINER = """
root=$1 user=$2 data=$3; shift 3
mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --bind "$data" "$root/data" &&
mount -o remount,bind,ro "$root" && exec chroot --userspec="$user:$user" "$root" "$@"
"""


def keeps_events(root, config):
    """An event that was recorded is read again, from the process that took it, and from the next one."""
    aggregate = evented.Cover(domain="bank", root=evented.UUID(value=uuid.uuid4().bytes))
    with tempfile.TemporaryDirectory() as data:
        os.chown(data, *map(int, config["User"].split(":")))
        for number in 1, 2:
            with started(root, config, data) as addresses:
                record(addresses["command-handler"], aggregate, str(number))
                texts = read(addresses["query-handler"], aggregate)
                assert texts == ["1", "2"][:number], texts


@contextlib.contextmanager
def started(root, config, data):
    """Where its roles listen. No library but those in the root is there. It ends when it is asked to."""
    command = [
        *config["Entrypoint"], "run", *(f"--port-{role}=0" for role in [*ROLES, "projector", "gateway"]),
        "--domain=bank", f"--store=sqlite:{config['WorkingDir']}"]
    user = config["User"].split(":")[0]
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", IN_CONTAINER, "sh", root, user, data, *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    late = threading.Timer(TIMEOUT, process.kill)
    late.start()
    try:
        addresses = listening(process)
        late.cancel()
        yield addresses
        process.terminate()
        assert process.wait(TIMEOUT) == 0, f"it ended with {process.returncode}"
    finally:
        late.cancel()
        process.kill()


def listening(process):
    lines, addresses = [], {}
    for line in process.stdout:
        lines.append(line)
        if found := re.search(r"(command-handler|query-handler)(?: listens on)? +([0-9.]+:\d+)", line):
            addresses.setdefault(*found.groups())
        if addresses.keys() == ROLES:
            return addresses
    sys.exit("the image does not start:\n" + "".join(lines))


def record(address, aggregate, text):
    book = evented.EventBook(cover=aggregate)
    book.pages.add().Event.Pack(wrappers_pb2.StringValue(value=text))
    with grpc.insecure_channel(address) as channel:
        states = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
        assert any(each.status == health_pb2.HealthCheckResponse.SERVING for each in states)
        services.BusinessCoordinatorStub(channel).Record(book, timeout=TIMEOUT)


def read(address, aggregate):
    query = evented.Query(domain=aggregate.domain, root=aggregate.root)
    with grpc.insecure_channel(address) as channel:
        books = list(services.EventQueryStub(channel).GetEvents(query, timeout=TIMEOUT))
    pages = [page for book in books for page in book.pages]
    texts = [wrappers_pb2.StringValue() for _ in pages]
    assert all(page.Event.Unpack(text) for page, text in zip(pages, texts))
    return [text.value for text in texts]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
