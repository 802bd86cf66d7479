"""grpc_cli, the tool, on each role's port: it knows no message of ours but by reflection."""

#: What each role offers, what is called there, and what the answer holds.
ROLES = {
    "command-handler": (
        "evented.BusinessCoordinator", "grpc.health.v1.Health.Check",
        "service: 'evented.BusinessCoordinator'", "status:"),
    "query-handler": (
        "evented.EventQuery", "outrider.v1.Log.Head", "domain: 'bank'", "Rpc succeeded"),
    "projector": ("outrider.v1.Parked", "outrider.v1.Status.Get", "", "Rpc succeeded"),
}


def reflection_column(grpc_cli, ports, run_case):
    results = {}
    for role, (service, method, request, answer) in ROLES.items():
        address = f"127.0.0.1:{ports[role]}"
        results[f"{role}: list"] = run_case([str(grpc_cli), "ls", address], service)
        results[f"{role}: describe"] = run_case([str(grpc_cli), "ls", "-l", address, service], "rpc ")
        results[f"{role}: call"] = run_case([str(grpc_cli), "call", address, method, request], answer)
    return results
