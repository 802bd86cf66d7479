"""devops/consul/agent.sh, with plain HTTP as the client."""

import http.client

import pytest
from brokers import Consul, running
from conftest import together, with_and_signal


@pytest.fixture(scope="module")
def agents(place):
    """Two that were started at the same time, the first with ACLs."""
    both = Consul(place / "first"), Consul(place / "second")
    together(lambda: both[0].start("--token", "secret"), both[1].start)
    yield both
    for each in both:
        each.stop()


def get(agent, key, token=""):
    connection = http.client.HTTPConnection(agent.uri, timeout=10)
    connection.request("GET", f"/v1/kv/{key}?raw", headers={"x-consul-token": token})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_two_at_once_are_two_agents(agents):
    first, second = agents
    first.put("key", "first", "secret")
    second.put("key", "second")
    assert get(first, "key", "secret") == (200, b"first")
    assert get(second, "key") == (200, b"second")


def test_token_is_needed_where_one_was_given(agents):
    assert get(agents[0], "key")[0] == 403


def test_what_was_put_outlives_a_crash_at_the_same_address(agents):
    agent = agents[1]
    agent.put("key", "kept")
    address = agent.uri
    agent.kill()
    assert running(agent.directory) == []
    assert agent.start().uri == address
    assert get(agent, "key") == (200, b"kept")


def test_with_takes_its_agent_away(tmp_path):
    address, status = with_and_signal(Consul.script, "CONSUL_HOST", tmp_path)
    assert address.startswith("127.0.0.1:")
    assert status == 128 + 15
    assert running(tmp_path) == [] and list(tmp_path.iterdir()) == []
