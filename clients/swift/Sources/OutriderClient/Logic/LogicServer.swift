internal import FoundationEssentials
internal import Logging
internal import NIOPosix
internal import RPC
internal import RPCTransport
public import ServiceLifecycle

/// Serves logic to the sidecars until its task is cancelled, or the service group shuts down.
/// Running calls end first.
///
/// Listens at the address that `outrider run` passes in `OUTRIDER_LOGIC_ADDRESS`,
/// `OUTRIDER_PROJECTOR_ADDRESS` or `OUTRIDER_SAGA_ADDRESS`, else at the one that a sidecar calls
/// by default.
public struct LogicServer: ServiceLifecycle.Service {
  /// The time limit of running calls at shutdown.
  private static let grace = Duration.seconds(10)

  private let name: String
  private let address: String
  private let services: [RPC.Service]

  /// - Parameter address: `HOST:PORT` or `unix:PATH`; nil: as above.
  public init(_ logic: any Logic.Type, address: String? = nil) {
    let served = logic.served
    name = "\(logic)"
    self.address =
      address ?? ProcessInfo.processInfo.environment[served.variable] ?? served.address
    services = served.services
  }

  /// Throws if it cannot listen: the address is wrong, or in use.
  public func run() async throws { try await run { _ in } }

  /// - Parameter listening: receives the bound address, whose port is never 0, once calls are
  ///   taken.
  public func run(listening: @Sendable (String) -> Void) async throws {
    let server = RPCServer(services, on: EventLoops(.singleton))
    let address = try await server.listen(on: Address(self.address))
    Logger(label: "outrider").info("\(name) is served on \(address)")
    listening("\(address)")
    try? await gracefulShutdown()
    await server.shutdown(grace: Self.grace)
  }
}

/// Serves each type of logic, beside other services, until SIGTERM or SIGINT. Running calls and
/// event handlers end first.
///
/// Takes one type of each kind: an aggregate, a projector, a saga. Throws the error that ends a
/// service, such as an address in use; the others end then, too.
public func serve(
  _ logic: any Logic.Type..., beside services: [any ServiceLifecycle.Service] = []
) async throws {
  let group = ServiceGroup(
    services: logic.map { LogicServer($0) } + services,
    gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "outrider"))
  try await group.run()
}
