import RPC
import Synchronization
import Wire

/// Readiness of services for `grpc.health.v1.Health`: probes poll it, clients watch it.
public final class HealthTable: Sendable {
  public typealias Status = GRPCHealthV1.ServingStatus

  private struct State {
    var statuses: [String: Status] = [:]
    var isSuspended = false
    var watchers: [Int: (service: String, stream: AsyncStream<Status>.Continuation)] = [:]
    var nextWatcher = 0

    /// The status to answer; nil if the service is not offered.
    func status(of service: String) -> Status? {
      guard let status = statuses[service] else { return nil }
      return isSuspended ? .notServing : status
    }

    func tellWatchers() {
      for watcher in watchers.values {
        if let status = status(of: watcher.service) { watcher.stream.yield(status) }
      }
    }
  }

  private let state: Mutex<State>

  /// The whole server, under the empty name, and its services start as NOT_SERVING.
  public init(services: [String]) {
    let statuses = Dictionary(
      uniqueKeysWithValues: ([""] + services).map { ($0, Status.notServing) })
    state = Mutex(State(statuses: statuses))
  }

  /// Sets the status of all services.
  public func setAll(_ status: Status) {
    state.withLock { state in
      for service in state.statuses.keys { state.statuses[service] = status }
      state.tellWatchers()
    }
  }

  /// While suspended, all services are NOT_SERVING, whatever is set meanwhile.
  public func suspend(_ isSuspended: Bool) {
    state.withLock { state in
      state.isSuspended = isSuspended
      state.tellWatchers()
    }
  }

  /// At shutdown: all services are NOT_SERVING, and watchers get that as their last status.
  public func end() {
    setAll(.notServing)
    for watcher in state.withLock({ Array($0.watchers.values) }) { watcher.stream.finish() }
  }

  /// True if the server as a whole is serving.
  public var isServing: Bool { status(of: "") == .serving }

  /// Nil if the service is not offered.
  func status(of service: String) -> Status? { state.withLock { $0.status(of: service) } }

  var statuses: [String: Status] {
    state.withLock { state in
      state.statuses.mapValues { state.isSuspended ? .notServing : $0 }
    }
  }

  /// The status now and after each change; only the latest waits for a slow reader.
  func statuses(of service: String) -> AsyncStream<Status> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
      let watcher = state.withLock { state in
        state.nextWatcher += 1
        state.watchers[state.nextWatcher] = (service, stream)
        stream.yield(state.status(of: service) ?? .serviceUnknown)
        return state.nextWatcher
      }
      stream.onTermination = { [weak self] _ in
        self?.state.withLock { _ = $0.watchers.removeValue(forKey: watcher) }
      }
    }
  }
}

extension Service {
  /// `grpc.health.v1.Health`, on every port.
  public static func health(_ table: HealthTable) -> Service {
    Service(
      "grpc.health.v1.Health", isForStrangers: true,
      [
        "Check": .unary { request, _ in
          try await answering {
            let request = try GRPCHealthV1.HealthCheckRequest(wireBytes: request)
            guard let status = table.status(of: request.service) else {
              throw RPCStatus(.notFound, "service \(request.service) is not offered here")
            }
            return GRPCHealthV1.HealthCheckResponse(status).wireBytes
          }
        },
        "Watch": .serverStreaming { request, responses, _ in
          try await answering {
            let request = try GRPCHealthV1.HealthCheckRequest(wireBytes: request)
            var last: HealthTable.Status?
            for await status in table.statuses(of: request.service) where status != last {
              try await responses.send(GRPCHealthV1.HealthCheckResponse(status).wireBytes)
              last = status
            }
            if Task.isCancelled { throw CancellationError() }
            throw RPCStatus(.unavailable, "the server shuts down")
          }
        },
        "List": .unary { request, _ in
          try await answering {
            _ = try GRPCHealthV1.HealthListRequest(wireBytes: request)
            return GRPCHealthV1.HealthListResponse(table.statuses).wireBytes
          }
        },
      ])
  }
}
