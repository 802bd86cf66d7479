import EventSourcing
import RPC
import RPCTransport
import Sidecars
import Telemetry

// What the servers of all roles have in common.

extension SharedParts {
  /// A service with the interceptors of all calls. Admission is innermost, so that log and metrics
  /// see its refusals.
  func guarded(_ service: RPC.Service) -> RPC.Service {
    let admitted = security.admission.map(service.admitted) ?? service
    let logged = admitted.intercepted(by: [
      TraceCarrier(directory.observers.tracer), CallLog(logger),
    ])
    return calls.map { logged.observed(byEach: $0.server) } ?? logged
  }

  /// Serves the schemas of domains.
  var schemaService: RPC.Service {
    .schemas(QueriedDomains(storage: storage, served: directory.readableNames)) { [schemas] in
      try await schemas.register($0)
    }
  }

  var statusService: RPC.Service {
    .status(beyond: configuration.status) { [status] in await status.status() }
  }

  var serverSettings: RPCServerConfiguration {
    var settings = configuration.server
    settings.tls = security.server
    settings.capacity = capacity
    return settings
  }
}
