import Metrics
import RPC
import SidecarConfiguration
import Synchronization

/// Metrics of every call that this process takes or makes, by gRPC's proposal A66.
package final class CallMetrics: Sendable {
  /// The most targets counted apart; further ones count together as "other".
  static let targetsMax = 100

  private struct State {
    var servers: [String: CallMeter] = [:]
    var clients: [String: ClientMeter] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// The meter of a method that this process serves.
  package func server(_ method: Method) -> ServerMeter {
    state.withLock { state in
      let meter = state.servers[method.label] ?? CallMeter()
      state.servers[method.label] = meter
      return ServerMeter(meter: meter)
    }
  }

  /// The meter of calls to an address.
  package func client(_ endpoint: Endpoint) -> ClientMeter {
    state.withLock { state in
      let target =
        state.clients[endpoint.target] == nil && state.clients.count >= Self.targetsMax
        ? "other" : endpoint.target
      let meter = state.clients[target] ?? ClientMeter()
      state.clients[target] = meter
      return meter
    }
  }

  func write(to exposition: inout Exposition) {
    let (servers, clients) = state.withLock { state in
      (
        state.servers.sorted { $0.key < $1.key },
        state.clients.sorted { $0.key < $1.key }.flatMap { target, client in
          client.meters.map { (target: target, method: $0.method.label, meter: $0.meter) }
        }
      )
    }
    exposition.family(
      "grpc_server_call_started_total", .counter, "Calls that began, including calls in progress."
    ) { family in
      for (method, meter) in servers {
        family.add(meter.startedCount, ["grpc_method": method])
      }
    }
    exposition.family(
      "grpc_server_call_duration_seconds", .histogram, "How long calls took, by how they ended."
    ) { family in
      for (method, meter) in servers {
        for (code, reading) in meter.readings {
          family.add(reading, ["grpc_method": method, "grpc_status": "\(code)"])
        }
      }
    }
    exposition.family(
      "grpc_client_attempt_started_total", .counter,
      "Calls made to logic and to other sidecars, each attempt counted, "
        + "including calls in progress."
    ) { family in
      for (target, method, meter) in clients {
        family.add(meter.startedCount, ["grpc_method": method, "grpc_target": target])
      }
    }
    exposition.family(
      "grpc_client_attempt_duration_seconds", .histogram,
      "How long attempts took to be answered, by how they ended."
    ) { family in
      for (target, method, meter) in clients {
        for (code, reading) in meter.readings {
          family.add(
            reading,
            ["grpc_method": method, "grpc_target": target, "grpc_status": "\(code)"])
        }
      }
    }
  }
}

extension Method {
  /// The value of `grpc.method`: "evented.EventQuery/GetEvents".
  fileprivate var label: String { "\(service)/\(name)" }
}

extension Endpoint {
  /// The value of `grpc.target`: a URI.
  fileprivate var target: String {
    switch self {
    case .tcp: "dns:///\(self)"
    case .unix: description
    }
  }
}
