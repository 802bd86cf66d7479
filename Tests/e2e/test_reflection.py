"""Tools that know nothing of Outrider learn from it what it offers."""

import grpc
import pytest
from client import TIMEOUT, facts, new_root
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)
from grpc_requests import Client as Tool
from sidecar import DOMAIN

STATUS = "outrider.v1.Status"
OFFERED = {
    "command-handler": {"evented.BusinessCoordinator", "outrider.v1.Commands", "outrider.v1.Schemas", STATUS},
    "query-handler": {
        "evented.EventQuery", "outrider.v1.Log", "outrider.v1.Projections", "outrider.v1.Schemas",
        "outrider.v1.Subscriptions", "outrider.v1.Trace", STATUS},
    "projector": {
        "evented.ProjectorCoordinator", "outrider.v1.DeadLetters", "outrider.v1.Parked", "outrider.v1.Rebuilds", STATUS},
}
EVERYWHERE = {
    "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection"}


@pytest.mark.parametrize("role", OFFERED)
def test_every_service_and_its_messages_are_described(shared, role):
    sidecar, _ = shared
    with grpc.insecure_channel(sidecar.addresses[role]) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        assert services == OFFERED[role] | EVERYWHERE
        pool = DescriptorPool(database)
        for service in services:
            for method in pool.FindServiceByName(service).methods:
                assert method.input_type.full_name and method.output_type.full_name


def test_a_generic_tool_calls_what_it_found(shared, client):
    root = new_root()
    client.record(facts(root, b"x"))
    tool = Tool.get_by_endpoint(shared[0].addresses["query-handler"])
    head = tool.request("outrider.v1.Log", "Head", {"domain": DOMAIN}, timeout=TIMEOUT)
    assert int(head["positions"][0]["number"]) > 0


@pytest.mark.parametrize("role", OFFERED)
def test_health_is_listed_and_checked_by_a_generic_tool(shared, role):
    tool = Tool.get_by_endpoint(shared[0].addresses[role])
    statuses = tool.request("grpc.health.v1.Health", "List", {}, timeout=TIMEOUT)["statuses"]
    assert {name: each["status"] for name, each in statuses.items()} == {
        name: "SERVING" for name in OFFERED[role] | {""}}
