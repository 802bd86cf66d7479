import Synchronization

/// Tells load balancers and orchestrators whether a server's services take calls.
///
/// gRPC, `doc/health-checking.md`; the messages are those of `grpc.health.v1`. The empty name stands for
/// the server as a whole, which takes calls from the start.
public final class HealthService: Sendable {
  /// The answers, with their numbers on the wire.
  public enum Status: UInt8, Sendable {
    case unknown = 0
    case serving = 1
    case notServing = 2
    /// What a watcher hears about a name that nobody has set.
    case serviceUnknown = 3
  }

  private struct Watcher {
    let name: String
    let changes: AsyncStream<Status>.Continuation
  }

  private struct State {
    var statuses = ["": Status.serving]
    var watchers: [Int: Watcher] = [:]
    var watcherCount = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// Sets what is told about a service from now on, and tells those who watch it.
  public func set(_ status: Status, for name: String = "") {
    state.withLock { state in
      state.statuses[name] = status
      for watcher in state.watchers.values where watcher.name == name {
        watcher.changes.yield(status)
      }
    }
  }

  /// The gRPC service, to be registered with a server's others.
  public var service: Service {
    Service(
      "grpc.health.v1.Health",
      [
        "Check": .unary { [self] request, _ in
          let name = try HealthMessages.serviceName(ofRequest: request)
          guard let status = state.withLock({ $0.statuses[name] }) else {
            throw RPCStatus(.notFound, "no service \"\(name)\" is known here")
          }
          return HealthMessages.response(status)
        },
        "Watch": .serverStreaming { [self] request, responses, _ in
          let name = try HealthMessages.serviceName(ofRequest: request)
          try await watch(name, responses)
        },
      ])
  }

  /// Sends the status, and each one after it that differs, until the call ends. A watcher that is
  /// slow misses what lies between, never the last.
  private func watch(_ name: String, _ responses: ResponseStream) async throws {
    let (changes, continuation) = AsyncStream.makeStream(
      of: Status.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.watcherCount += 1
      state.watchers[state.watcherCount] = Watcher(name: name, changes: continuation)
      continuation.yield(state.statuses[name] ?? .serviceUnknown)
      return state.watcherCount
    }
    defer { state.withLock { $0.watchers[number] = nil } }
    var last: Status?
    for await status in changes where status != last {
      try await responses.send(HealthMessages.response(status))
      last = status
    }
    throw CancellationError()
  }
}
