"""The configuration in Consul's key/value store, with a real agent."""

import json
import os
import signal
import subprocess
import urllib.request
from concurrent import futures
from itertools import count

import grpc
import pytest
from brokers import Consul
from client import Status, eventually
from ending import end
from evented import evented_pb2_grpc
from google.protobuf import empty_pb2
from listening import free_address, free_port
from sidecar import TOP, DidNotStart, Sidecar
from tokens import key_set, token

keys = count()
PATIENCE = 60
ROLE = "query-handler"  # needs no logic
SECRET = "not-to-be-shown"


@pytest.fixture(scope="module")
def consul(tmp_path_factory):
    consul = Consul(tmp_path_factory.mktemp("consul") / "data").start()
    yield consul
    consul.kill()


@pytest.fixture
def key():
    return f"outrider/test-{next(keys)}"


@pytest.fixture
def serve(start, consul, key):
    """Starts a query-handler whose configuration is this text under the key."""

    def serve(text, *options):
        consul.put(key, text)
        return start(role=ROLE, config=consul.config(key), options=options)

    return serve


@pytest.fixture
def run(executable, tmp_path):
    """Runs `outrider` to its end; returns its exit code and what it printed."""

    def run(*arguments, **environment):
        done = subprocess.run(
            [executable, *arguments], capture_output=True, text=True, timeout=30, cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]} | environment)
        return done.returncode, done.stdout + done.stderr

    return run


def says(sidecar, *words):
    """Waits until a line of its log has all these words."""
    return eventually(
        lambda: next((line for line in sidecar.output if all(word in line for word in words)), None), timeout=PATIENCE)


def shown(run, *arguments, **environment):
    """Value and source of each setting."""
    code, output = run("config", "show", "--json", *arguments, **environment)
    assert code == 0, output
    return {line["key"]: (line["value"], line["source"]) for line in map(json.loads, output.splitlines())}


def roots(sidecar, caller=None):
    """The code of a query."""
    metadata = caller and [("authorization", f"Bearer {token(caller)}")]
    with sidecar.channel(ROLE) as channel:
        try:
            list(evented_pb2_grpc.EventQueryStub(channel).GetAggregateRoots(
                empty_pb2.Empty(), timeout=10, metadata=metadata))
        except grpc.RpcError as error:
            return error.code()
    return Status.OK


def test_sidecar_starts_from_a_key(serve):
    sidecar = serve("metrics:\n  listen: 127.0.0.1:0\n")
    eventually(lambda: "metrics" in sidecar.addresses)


def test_sidecar_starts_from_the_variables_of_evented(start, consul, key):
    consul.put(key, "metrics:\n  listen: 127.0.0.1:0\n")
    variables = {"CONFIG_MGMT_TYPE": "consul", "CONSUL_HOST": consul.uri, "CONSUL_KEY": key}
    sidecar = start(role=ROLE, wrapper=["env", *(f"{name}={value}" for name, value in variables.items())])
    eventually(lambda: "metrics" in sidecar.addresses)


def test_flags_and_variables_win_over_the_key(run, consul, key):
    consul.put(key, "threads: 1\nhost: 127.0.0.1\nlimit:\n  open-domains: 3\n")
    where = consul.config(key)
    settings = shown(run, "--threads=3", OUTRIDER_CONFIG=where, OUTRIDER_THREADS="2", OUTRIDER_LIMIT_OPEN_DOMAINS="4")
    assert settings["threads"] == ("3", "flag --threads")
    assert settings["limit.open-domains"] == ("4", "environment variable OUTRIDER_LIMIT_OPEN_DOMAINS")
    assert settings["host"] == ("127.0.0.1", f"{where}:2")


def test_client_commands_know_the_deployment_from_the_key(serve, run, consul, key):
    sidecar = serve("")
    port = sidecar.addresses[ROLE].rpartition(":")[2]
    consul.put(key, f"port:\n  query-handler: {port}\n")
    code, output = run("roots", "bank", f"--config={consul.config(key)}")
    assert code == 0, output


def test_missing_key_is_named_with_what_puts_it(run, start, consul, key):
    where = consul.config(key)
    for command in (["config", "check", where], ["status", f"--config={where}"]):
        code, output = run(*command)
        assert code == 66 and f'has no key "{key}"' in output and f"consul kv put {key} @" in output
    with pytest.raises(DidNotStart, match=f'has no key "{key}"'):
        start(role=ROLE, config=where)


def test_mistakes_are_told_with_key_and_line(run, start, consul, key):
    where = consul.config(key)
    consul.put(key, "threads: 1\nlimit:\n  cash-size: 1MiB\n")
    code, output = run("config", "check", where)
    assert code == 78 and f"limit.cash-size ({where}:3)" in output and "limit.cache-size?" in output
    with pytest.raises(DidNotStart, match="cash-size"):
        start(role=ROLE, config=where)
    consul.put(key, "# " + "x" * (300 << 10))
    code, output = run("config", "check", where)
    assert code == 78 and "it is longer than 262144 bytes" in output


@pytest.mark.parametrize("uri", ["consul://", "consul://host", "consul:host/key", "consul://host:0/a", "consul://host/a//b"])
def test_what_is_no_key_is_refused(run, uri):
    code, output = run("config", "show", f"--config={uri}")
    assert code == 78 and f'"{uri}" is refused; allowed: the path of a file, or consul://HOST[:PORT]/KEY' in output


def test_command_fails_at_once_where_no_agent_is(run):
    address = free_address()
    code, output = run("status", f"--config=consul://{address}/outrider/bank")
    assert code == 69 and f"the Consul agent at {address}" in output and "Connection refused" in output
    assert "--config" in output


def test_sidecar_waits_for_the_agent(executable, tmp_path, key):
    consul = Consul(tmp_path / "agent").start()
    consul.put(key, "")
    consul.stop()
    sidecar = Sidecar(executable, tmp_path / "data", role=ROLE, config=consul.config(key))
    try:
        with futures.ThreadPoolExecutor() as threads:
            starting = threads.submit(sidecar.start, PATIENCE)
            says(sidecar, "waiting for the Consul agent", consul.config(key))
            assert not sidecar.addresses
            consul.start()
            starting.result()
    finally:
        consul.kill()
        end(sidecar)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sidecar_that_waits_for_the_agent_ends_when_it_is_asked(executable, tmp_path, number):
    sidecar = Sidecar(executable, tmp_path / "data", role=ROLE, config=f"consul://{free_address()}/a")
    try:
        with futures.ThreadPoolExecutor() as threads:
            starting = threads.submit(sidecar.start, PATIENCE)
            says(sidecar, "waiting for the Consul agent")
            sidecar.process.send_signal(number)
            assert sidecar.process.wait(PATIENCE) == 0
            assert isinstance(starting.exception(PATIENCE), DidNotStart)
    finally:
        end(sidecar)


def test_level_of_the_log_changes_without_a_restart(serve, consul, key):
    sidecar = serve("log:\n  level: info\n")
    roots(sidecar)
    assert not any("GetAggregateRoots" in line for line in sidecar.output)
    consul.put(key, "log:\n  level: debug\n")
    says(sidecar, "log.level changed, and holds from now on")
    roots(sidecar)
    says(sidecar, "GetAggregateRoots")


def test_policy_changes_without_a_restart(serve, consul, key, tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(key_set())
    rules = f"tokens:\n  keys: {file}\npolicy:\n  - callers: [%s]\n"
    sidecar = serve(rules % "web")
    assert roots(sidecar, "web") == Status.OK
    assert roots(sidecar, "app") == Status.PERMISSION_DENIED
    consul.put(key, rules % "app")
    says(sidecar, "policy[0].callers changed")
    assert roots(sidecar, "app") == Status.OK
    assert roots(sidecar, "web") == Status.PERMISSION_DENIED

    # A value without rules would let in whoever proves who they are.
    consul.put(key, f"tokens:\n  keys: {file}\n")
    says(sidecar, "policy[0] changed; restart to take it up")
    assert roots(sidecar, "web") == Status.PERMISSION_DENIED


def test_what_needs_a_restart_says_so_without_its_value(serve, consul, key):
    sidecar = serve("metrics:\n  listen: 127.0.0.1:0\n")
    consul.put(key, f"metrics:\n  listen: 127.0.0.1:0\nthreads: 7\nchannel: amqp://u:{SECRET}@h/\nlog: {{level: debug}}\n")
    says(sidecar, "channel, threads changed; restart to take it up")
    says(sidecar, "log.level changed")
    assert measured(sidecar) == 2
    consul.put(key, f"metrics:\n  listen: 127.0.0.1:0\nlog: {{level: debug}}\n")
    says(sidecar, "no restart is needed any more")
    assert measured(sidecar) == 0
    assert SECRET not in sidecar.text


def measured(sidecar):
    """How many settings wait for a restart."""
    eventually(lambda: "metrics" in sidecar.addresses)
    with urllib.request.urlopen(f"http://{sidecar.addresses['metrics']}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    return next(int(line.split()[1]) for line in page.splitlines() if line.startswith("outrider_configuration_settings_waiting "))


def test_bad_change_keeps_what_runs(serve, consul, key):
    sidecar = serve("log:\n  level: info\n")
    consul.put(key, "log:\n  level: debug\nthreads: many\n")
    says(sidecar, "the new configuration is wrong", f"{key}:3", "many")
    roots(sidecar)
    assert not any("GetAggregateRoots" in line for line in sidecar.output)
    consul.put(key, "log:\n  level: debug\nthreads: 0\n")
    says(sidecar, "log.level changed")


def test_deleted_key_keeps_what_runs(serve, consul, key):
    sidecar = serve("log:\n  level: info\n")
    consul.delete(key)
    says(sidecar, "the configuration was deleted; the one that runs stays")
    assert roots(sidecar) == Status.OK
    consul.put(key, "log:\n  level: debug\n")
    says(sidecar, "can be read again")
    says(sidecar, "log.level changed")


def test_killed_agent_changes_nothing_and_is_followed_again(start, tmp_path, key):
    consul = Consul(tmp_path / "agent").start()
    try:
        consul.put(key, "log:\n  level: info\n")
        sidecar = start(role=ROLE, config=consul.config(key))
        consul.kill()
        says(sidecar, "the configuration cannot be read; the one that runs stays")
        assert roots(sidecar) == Status.OK
        consul.start()
        says(sidecar, "the configuration can be read again")
        consul.put(key, "log:\n  level: debug\n")
        says(sidecar, "log.level changed")
        assert sum("cannot be read" in line for line in sidecar.output) == 1
        assert sidecar.stop() == 0
    finally:
        consul.kill()


def test_sidecar_ends_at_once_while_it_waits_for_a_change(serve):
    sidecar = serve("")
    assert sidecar.stop(timeout=15) == 0


def test_token_and_tls_reach_the_agent(start, run, tmp_path, key):
    consul = Consul(tmp_path / "agent").start("--tls", "--token", SECRET)
    try:
        consul.put(key, "log:\n  level: info\n", SECRET)
        for scheme, server in (("consul", 0), ("consul+tls", 1)):
            where = consul.config(key, scheme, server)
            trust = {"CONSUL_CACERT": f"{consul.directory}/tls/ca.pem"}
            code, output = run("config", "check", where, **trust)
            assert code == 78 and "CONSUL_HTTP_TOKEN" in output and key in output
            code, output = run("config", "check", where, CONSUL_HTTP_TOKEN=SECRET, **trust)
            assert code == 0, output
            code, output = run("config", "check", where, CONSUL_HTTP_TOKEN="x" + SECRET, **trust)
            assert code == 78 and SECRET not in output
        code, output = run("config", "check", where, CONSUL_HTTP_TOKEN=SECRET)
        assert code == 69 and "CERTIFICATE_VERIFY_FAILED" in output
        sidecar = start(role=ROLE, config=where, wrapper=[
            "env", f"CONSUL_HTTP_TOKEN={SECRET}", f"CONSUL_CACERT={consul.directory}/tls/ca.pem"])
        consul.put(key, "log:\n  level: debug\n", SECRET)
        says(sidecar, "log.level changed")
        assert SECRET not in sidecar.text
    finally:
        consul.kill()


def test_logic_that_is_started_gets_no_token(executable, consul, key, tmp_path):
    consul.put(key, """
domain: bank
logic: {command: [sh, -c, 'echo "token: [$CONSUL_HTTP_TOKEN]"; exec sleep 60']}
projector: {enabled: false}
""")
    sidecar = Sidecar(executable, tmp_path / "data", config=consul.config(key), options=["--projector-enabled=false"],
                      wrapper=["env", f"CONSUL_HTTP_TOKEN={SECRET}"])
    try:
        sidecar.start(PATIENCE)
        says(sidecar, "token: []")
    finally:
        end(sidecar)


def test_changed_file_is_taken_up_too(start, tmp_path):
    file = tmp_path / "outrider.yaml"
    file.write_text("log:\n  level: info\n")
    sidecar = start(role=ROLE, config=file)
    file.write_text("log:\n  level: debug\nthreads: 7\n")
    says(sidecar, "log.level changed")
    says(sidecar, "threads changed; restart to take it up")
    file.unlink()
    says(sidecar, "the configuration cannot be read; the one that runs stays")


def test_examples_are_loaded(consul, run):
    for environment, code, words in (({}, 0, "outrider/shop"), ({"CONSUL_HOST": f"127.0.0.1:{free_port()}"}, 2, "make consul")):
        done = subprocess.run(
            ["make", "--no-print-directory", "load_all"], cwd=TOP, capture_output=True, text=True, timeout=60,
            env=os.environ | {"CONSUL_HOST": consul.uri} | environment)
        assert done.returncode == code and words in done.stdout + done.stderr, done.stderr
    for example in ("bank", "shop"):
        code, output = run("config", "check", consul.config(f"outrider/{example}"))
        assert code == 0, output
