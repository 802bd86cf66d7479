"""Each exit code of `outrider exit-codes`, as a script meets it."""

import os
import subprocess
from concurrent import futures

import grpc
import pytest
from client import facts, new_root
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from logic import BrokenServer, never_answer
from test_command_line import text


@pytest.fixture
def run(executable, tmp_path):
    """Runs `outrider` where nothing is configured; returns the finished process."""

    def run(*arguments, input=b"", **more):
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        return subprocess.run(
            [executable, *map(str, arguments)], input=input, capture_output=True, timeout=30,
            cwd=tmp_path, env=environment, **more)

    return run


def send(shared, *arguments, role="command-handler"):
    address = shared[0].addresses[role]
    return "send", "--domain=bank", "--type=test.Payload", f"--address={address}", *arguments


def exits(done, code, *words):
    said = done.stderr.decode()
    assert done.returncode == code, said
    for word in words:
        assert word in said
    assert "Swift" not in said and "Error(" not in said and "errno" not in said
    return said


def test_table_is_the_one_of_the_help(run):
    table = run("exit-codes").stdout.decode()
    codes = [int(line.split()[0]) for line in table.splitlines()]
    assert codes == [0, 1, 2, 3, 64, 65, 66, 69, 70, 74, 75, 78]
    shown = " ".join(run("help", "exit-codes").stdout.decode().split())
    assert all(line.split(maxsplit=1)[1] in shown for line in table.splitlines())
    assert "exit-codes" in run("--help").stdout.decode()


def test_refusal_is_1(run, shared, logic):
    def refuse(request, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the balance is too low")

    logic.answer = refuse
    exits(run(*send(shared), input=b"x"), 1, "FAILED_PRECONDITION: the balance is too low")


def test_wrong_role_is_1_and_named(run, shared):
    exits(run(*send(shared, role="query-handler"), input=b"x"), 1, "UNIMPLEMENTED",
          "is not a command-handler")


def test_command_that_is_too_large_is_1(run, shared):
    exits(run(*send(shared), input=b"x" * (5 << 20)), 1, "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize("line, words", [
    (("sned",), ["no command \"sned\"", "did you mean send?", "'outrider --help'"]),
    (("projection", "gte"), ["of outrider projection", "did you mean get?"]),
    (("send", "--dmain=x"),
     ["no option --dmain", "did you mean --domain?", "'outrider send --help'"]),
    (("events", "bank"), ["root is missing", "'outrider events --help'"]),
    (("events", f"bank/{text(new_root())}", "--from=2", "--up-to=1"),
     ["--up-to must be above --from", "'outrider events --help'"]),
    (("roots", "--address=nonsense"), ["is not an address"]),
    (("roots", "--context=none"), ["there is no context"]),
    (("roots", "--tls-key=x"), ["go together"]),
])
def test_wrong_command_line_is_64_with_its_own_help(run, line, words):
    exits(run(*line), 64, *words)


def test_wrong_content_is_65(run, shared, tmp_path):
    (tmp_path / "bank.pb").write_bytes(b"\xff")
    exits(run(*send(shared, "--descriptors=bank.pb"), input=b"x"), 65, "not a descriptor set")
    exits(run(*send(shared), input=b'{"owner":"Ann"}'), 65, "--descriptors", "reflection")
    (tmp_path / "ca.pem").write_text("no certificate")
    exits(run("roots", "--tls-authorities=ca.pem"), 65, "ca.pem")


def test_missing_file_is_66(run, shared):
    exits(run(*send(shared, "no-such-file")), 66, "no-such-file", "No such file")
    exits(run("roots", "--tls-authorities=none.pem"), 66, "none.pem")
    exits(run("roots", "--token-file=none"), 66, "none")
    exits(run("config", "check", "none.yaml"), 66, "none.yaml")
    exits(run("run", "--tls-certificate=none.pem", "--tls-key=none.key"), 66, "none.pem")
    exits(run("run", "--tokens-keys=none.jwks"), 66, "none.jwks")
    exits(run("run", "--descriptors=none.pb"), 66, "none.pb")


def test_nobody_there_is_69(run):
    exits(run("roots", "--address=127.0.0.1:1", "--deadline=5s"), 69,
          "UNAVAILABLE: cannot connect to 127.0.0.1:1: Connection refused")


def test_name_that_nobody_knows_is_69(run):
    exits(run("roots", "--address=nowhere.invalid:1", "--deadline=20s"), 69, "nowhere.invalid")


def test_logic_that_breaks_is_70(run, shared, logic):
    logic.answer = lambda request, context: b"\xff\xff"
    exits(run(*send(shared), input=b"x"), 70, "INTERNAL")


def test_output_that_cannot_be_written_is_74(executable, shared, client):
    client.record(facts(new_root(), b"x"))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [executable, "roots", f"--address={shared[0].addresses['query-handler']}"], stdout=full,
            stderr=subprocess.PIPE, timeout=20)
    exits(done, 74, "No space left")


def test_deadline_is_75_and_what_was_sent_is_told(run):
    server = BrokenServer(never_answer)
    try:
        said = exits(
            run("send", "--domain=bank", "--type=test.Payload", f"--address={server.address}",
                "--deadline=500ms", input=b"x"), 75, "DEADLINE_EXCEEDED")
    finally:
        server.stop()
    # Enough to send the same again.
    told = said.splitlines()[0].split()
    assert told[2].startswith("bank/") and told[3:5] == ["command", "id"] and len(told[5]) == 36


def test_configuration_that_is_wrong_is_78(run, tmp_path):
    exits(run("run", "--threads=many"), 78, "threads (flag --threads)")
    exits(run("run", "--host=0.0.0.0", "--strict-security"), 78, "strict security forbids")
    (tmp_path / "outrider.yaml").write_text("limit:\n  cash-size: 1MiB\nthreads: x\n")
    said = exits(run("config", "check"), 78, "outrider.yaml:2", "did you mean limit.cache-size?",
                 "threads (outrider.yaml:3)")
    assert len(said.splitlines()) == 2
    exits(run("roots"), 78, "outrider.yaml:2")


def test_what_came_before_an_error_is_not_lost(run):
    """The output is a pipe, and the stream breaks off."""

    class Breaking(evented_pb2_grpc.EventQueryServicer):
        def GetAggregateRoots(self, request, context):
            for _ in range(3):
                yield evented.AggregateRoot(domain="bank", root=evented.UUID(value=new_root()))
            context.abort(grpc.StatusCode.DATA_LOSS, "the rest is damaged")

    server = grpc.server(futures.ThreadPoolExecutor(1))
    evented_pb2_grpc.add_EventQueryServicer_to_server(Breaking(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        done = run("roots", f"--address=127.0.0.1:{port}")
    finally:
        server.stop(None).wait(10)
    exits(done, 70, "DATA_LOSS: the rest is damaged")
    assert len(done.stdout.splitlines()) == 3
