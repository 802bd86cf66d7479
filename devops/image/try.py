"""Runs what is in the image: from its mounted root, with its own libraries, as its own user, with nothing of this
machine but the network. Usage: buildah inspect IMAGE | try.py ROOT"""

import json
import re
import subprocess
import sys
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


def main(root):
    config = json.load(sys.stdin)["OCIv1"]["config"]
    for promised in ("Entrypoint", "User", "WorkingDir"):
        assert config.get(promised), f"the image names no {promised}"
    refuse_leftovers(root)
    start(root, config)


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
root=$1 user=$2; shift 2
mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs -o "uid=$user" data "$root/data" &&
mount -o remount,bind,ro "$root" && exec chroot --userspec="$user:$user" "$root" "$@"
"""


def start(root, config):
    """It listens, answers for its health, and ends when it is asked to. No library but those in the root is there."""
    user = config["User"].split(":")[0]
    command = [*config["Entrypoint"], "command-handler", "--port-command-handler=0", "--domain=bank",
               f"--store=sqlite:{config['WorkingDir']}"]
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", IN_CONTAINER, "sh", root, user, *command], stderr=subprocess.PIPE, text=True)
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"command-handler listens on ([0-9.]+:\d+)", line):
                break
        else:
            sys.exit("the image does not start:\n" + "".join(lines))
        with grpc.insecure_channel(found[1]) as channel:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, answer
        process.terminate()
        assert process.wait(20) == 0, f"it ended with {process.returncode}"
    finally:
        process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
