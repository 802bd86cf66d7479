"""Large snapshots as objects of a bucket, on an S3 server of another make, which checks signatures as AWS does."""

import json
import threading
import uuid

import boto3
import grpc
import moto.settings
import pytest
from client import Client, commands, new_root, payloads, told
from google.protobuf.any_pb2 import Any
from listening import free_port
from logic import Logic, fold
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer
from outrider.v1.snapshots_pb2 import ShelvedSnapshot
from sidecar import DidNotStart
from test_metrics import get

BUCKET = "snapshots"
STATE_BYTES = 1 << 20
TRIES = 50
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


class ObjectStore:
    """`moto`, with one user; a request that is not signed right is refused."""

    def __init__(self):
        self.port = free_port()
        self.server = ThreadedMotoServer(port=self.port, verbose=False)
        self.server.start()
        self.url = f"http://127.0.0.1:{self.port}"
        users = self.service("iam", "root", "root")
        users.create_user(UserName="outrider")
        users.put_user_policy(UserName="outrider", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
        key = users.create_access_key(UserName="outrider")["AccessKey"]
        self.key, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        self.objects = self.service("s3", self.key, self.secret)
        self.objects.create_bucket(Bucket=BUCKET)
        moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0

    def service(self, name, key, secret):
        return boto3.client(
            name, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)

    def keys(self):
        return [each["Key"] for each in self.objects.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def body(self, key):
        return self.objects.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def stop(self):
        moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        self.server.stop()
        moto_api_backend.reset()


@pytest.fixture
def objects():
    store = ObjectStore()
    yield store
    store.stop()


@pytest.fixture
def functions():
    """A state of a megabyte, whose first bytes say how many events it includes."""
    logic = Logic()
    logic.fold = fold_large
    yield logic
    logic.stop()


def fold_large(request, context):
    answer = fold(request, context)
    answer.state.members["padding:1"].CopyFrom(Any(type_url="type.googleapis.com/x.Padding", value=bytes(STATE_BYTES)))
    return answer


@pytest.fixture
def serve(start, functions, objects, tmp_path):
    """Starts a sidecar that stores a snapshot with each commit."""
    credentials = tmp_path / "credentials"
    credentials.write_text(f"aws_access_key_id = {objects.key}\naws_secret_access_key = {objects.secret}\n")

    def serve(*options, **settings):
        return start(address=functions.address, options=[
            "--style=functions", "--logic-snapshot-events=1", "--metrics-listen=127.0.0.1:0",
            f"--snapshots-store=s3://{BUCKET}/here?endpoint={objects.url}",
            f"--snapshots-credentials-file={credentials}", *options], **settings)
    return serve


def send(sidecar, root, *texts):
    for text in texts:
        Client(sidecar).handle(commands(root, text))


def send_until_it_wins(sidecar, root, *texts):
    """Another writer may be faster again and again: what is put into the bucket takes its time."""
    for text in texts:
        id = str(uuid.uuid4())
        for _ in range(TRIES):
            try:
                Client(sidecar).handle(commands(root, text, command_id=id))
                break
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.ABORTED, error
        else:
            raise AssertionError(f"{TRIES} tries were not enough")


def test_a_large_snapshot_is_an_object(serve, functions, objects):
    sidecar, root = serve(), new_root()
    send(sidecar, root, b"0", b"1")
    keys = sorted(objects.keys())
    assert len(keys) == 2 and all(key.startswith("here/bank/") for key in keys)
    assert STATE_BYTES < len(objects.body(keys[0])) < STATE_BYTES + 1000
    sidecar.kill()
    functions.folds.clear()
    again = serve()
    send(again, root, b"2")
    # The state came from the object: only the new event was folded.
    assert [len(each.events.pages) for each in functions.folds] == [1]
    assert payloads(Client(again).events(root)) == [b"0", b"1", b"2"]


@pytest.mark.parametrize("harm", ["missing", "altered", "unavailable"])
def test_an_object_that_cannot_be_used_is_made_up_for_from_events(serve, functions, objects, harm):
    sidecar, root = serve(), new_root()
    send(sidecar, root, b"0", b"1", b"2")
    sidecar.kill()
    for key in objects.keys():
        if harm == "missing":
            objects.objects.delete_object(Bucket=BUCKET, Key=key)
        if harm == "altered":
            objects.objects.put_object(Bucket=BUCKET, Key=key, Body=objects.body(key)[:-1] + b"!")
    if harm == "unavailable":
        objects.server.stop()
    functions.folds.clear()
    again = serve("--snapshots-timeout=2s")
    send(again, root, b"3")
    assert sum(len(each.events.pages) for each in functions.folds) == 4
    assert payloads(Client(again).events(root)) == [b"0", b"1", b"2", b"3"]
    told(again, "the state is made from events")
    assert count(again, f'outrider_snapshots_unread_total{{reason="{harm}"}}') == 1


def count(sidecar, name):
    lines = get(sidecar)[1].splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_commands_go_on_while_nothing_can_be_put(serve, objects):
    objects.server.stop()
    sidecar, root = serve("--snapshots-timeout=2s"), new_root()
    send(sidecar, root, b"0", b"1")
    assert payloads(Client(sidecar).events(root)) == [b"0", b"1"]
    assert count(sidecar, "outrider_snapshots_unshelved_total") == 2
    told(sidecar, "could not be put into the object store")


def test_wrong_credentials_are_named_and_hinder_no_command(serve, objects, tmp_path):
    (tmp_path / "wrong").write_text(f"aws_access_key_id={objects.key}\naws_secret_access_key=x\n")
    sidecar, root = serve(f"--snapshots-credentials-file={tmp_path}/wrong"), new_root()
    send(sidecar, root, b"0")
    told(sidecar, "403", "SignatureDoesNotMatch")
    assert payloads(Client(sidecar).events(root)) == [b"0"]


def test_a_small_snapshot_stays_in_its_commit(serve, objects):
    sidecar, root = serve("--snapshots-min-size=8MiB", "--limit-message-size=8MiB"), new_root()
    send(sidecar, root, b"0")
    assert objects.keys() == []


def test_writers_in_two_processes_use_each_others_objects(serve, functions, objects):
    first, second, root = serve(), serve(), new_root()
    threads = [threading.Thread(target=send_until_it_wins, args=(each, root, *[b"x"] * 5)) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Client(first).numbers(root) == list(range(10))


@pytest.mark.parametrize("options, named", [
    (["--snapshots-store=s3://snapshots"], "snapshots.credentials-file"),
    (["--snapshots-store=s3://snapshots", "--snapshots-credentials-file=/none"], "/none"),
    (["--snapshots-store=s3://snapshots", "--snapshots-credentials-file=/none", "--snapshots-authorities=/none"],
     "snapshots.authorities: "),
    (["--snapshots-store=http://snapshots"], "s3://BUCKET/PREFIX"),
    (["--snapshots-store=s3://Snapshots?region=x"], "s3://BUCKET/PREFIX"),
    (["--snapshots-store=s3://snapshots?colour=x"], "s3://BUCKET/PREFIX"),
])
def test_wrong_settings_are_named(start, options, named):
    with pytest.raises(DidNotStart) as failure:
        start(options=options)
    assert named in str(failure.value)


def test_a_reference_names_the_object_and_its_digest():
    fields = {field.name: field.number for field in ShelvedSnapshot.DESCRIPTOR.fields}
    assert fields == {"key": 1, "sha256": 2, "size": 3}
