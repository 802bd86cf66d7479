import SidecarConfiguration

/// A program to start, with all that it is given.
public struct ChildCommand: Sendable, Equatable {
  /// Stands in front of each line that it writes.
  public var name: String
  /// The program, looked up in `PATH`, and its arguments. Never empty.
  public var arguments: [String]
  /// All variables that it gets.
  public var environment: [String: String]
  /// Where it is to listen; nobody else may.
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
  /// The program that serves a domain's logic; nil where none is to be started.
  ///
  /// It learns where to listen from `OUTRIDER_LOGIC_ADDRESS` and, for the logic of the domain's
  /// first projector, `OUTRIDER_PROJECTOR_ADDRESS`: the same variables that tell Outrider where to
  /// connect. `OUTRIDER_LOGIC_PROTOCOL` says what to speak there: `grpc` or `http`. `PORT` is the
  /// number alone, as many frameworks want it. Of Outrider's own variables it gets no other: they
  /// may hold the store's password.
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

  /// The program that serves a saga's logic; nil where none is to be started. It learns where to
  /// listen from `OUTRIDER_SAGA_ADDRESS` and `PORT`.
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
    // Python holds back what it prints into a pipe, and a person would wait for it.
    environment["PYTHONUNBUFFERED"] = environment["PYTHONUNBUFFERED"] ?? "1"
    self.init(name: name, arguments: arguments, environment: environment, address: address)
  }
}
