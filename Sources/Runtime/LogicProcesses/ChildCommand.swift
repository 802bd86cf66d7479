import SidecarConfiguration

/// A program to start, with its arguments, environment and address.
public struct ChildCommand: Sendable, Equatable {
  /// The prefix of each line that it writes.
  public var name: String
  /// The program, looked up in `PATH`, and its arguments. Never empty.
  public var arguments: [String]
  /// All its variables.
  public var environment: [String: String]
  /// Where it must listen; no other server may.
  public var address: Endpoint?

  public init(
    name: String, arguments: [String], environment: [String: String], address: Endpoint? = nil
  ) {
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.address = address
  }
}

extension ChildCommand {
  /// The program that serves a domain's logic; nil if none is configured.
  ///
  /// Of Outrider's own variables it gets only `OUTRIDER_LOGIC_ADDRESS`, where it must listen,
  /// `OUTRIDER_LOGIC_PROTOCOL`, which is `grpc` or `http`, and, for the logic of the domain's
  /// first projector, `OUTRIDER_PROJECTOR_ADDRESS`. The others may hold the store's password. The
  /// addresses are the ones that Outrider connects to. `PORT` is the port number alone, as many
  /// frameworks want it.
  public init?(of domain: DomainConfiguration, environment: [String: String]) {
    guard !domain.logicCommand.isEmpty else { return nil }
    self.init(
      name: domain.name?.text ?? "logic", arguments: domain.logicCommand,
      address: domain.logic.endpoint,
      [
        "OUTRIDER_LOGIC_ADDRESS": domain.logic.endpoint.description,
        "OUTRIDER_LOGIC_PROTOCOL": domain.logic.protocol.rawValue,
        "OUTRIDER_PROJECTOR_ADDRESS": domain.projectors.first?.logic.description,
      ], environment)
  }

  /// The program that serves a saga's logic; nil if none is configured. It must listen at
  /// `OUTRIDER_SAGA_ADDRESS`, or `PORT`.
  public init?(of saga: SagaConfiguration, environment: [String: String]) {
    guard !saga.logicCommand.isEmpty else { return nil }
    self.init(
      name: "saga \(saga.name)", arguments: saga.logicCommand, address: saga.logic,
      ["OUTRIDER_SAGA_ADDRESS": saga.logic.description], environment)
  }

  private init(
    name: String, arguments: [String], address: Endpoint, _ told: [String: String?],
    _ environment: [String: String]
  ) {
    var environment = environment.filter { name, _ in
      !name.hasPrefix(Setting<Configuration>.variablePrefix)
    }
    for (variable, value) in told { environment[variable] = value }
    if case .tcp(_, let port) = address { environment["PORT"] = String(port) }
    // Python buffers output to a pipe, so a person would not see it.
    environment["PYTHONUNBUFFERED"] = environment["PYTHONUNBUFFERED"] ?? "1"
    self.init(name: name, arguments: arguments, environment: environment, address: address)
  }
}
