import EventModel
import EventSourcing

/// One saga: its logic, and the domains whose events it turns into commands.
public struct SagaConfiguration: Sendable, Equatable {
  /// The name under which its instances, progress and parked aggregates are kept.
  public var name: Name = "saga"
  /// Whose events it takes. Empty: those of every domain.
  public var domains: [Name] = []
  /// Which instance events belong to.
  public var key = SagaKey.correlation
  /// A file of rules that are its logic; nil: its logic is a program.
  public var rules: String?
  /// Where its logic listens, where that was said.
  public var logicAddress: Endpoint?
  /// Where its logic listens, where it is a program.
  public var logic: Endpoint { logicAddress ?? .tcp(host: "127.0.0.1", port: 1739) }
  /// The same; nil where rules are its logic.
  public var remoteLogic: Endpoint? { rules == nil ? logic : nil }
  /// The program that serves its logic, started beside Outrider. Empty: it runs already.
  public var logicCommand: [String] = []
  /// What its logic is called by.
  public var style = SagaStyle.reactions
  /// Where the saga's sidecar listens: a command-handler in another process calls it for
  /// synchronous pages.
  public var coordinator = Endpoint.tcp(host: "127.0.0.1", port: 1316)
  /// Whether it takes part in the answer to commands with synchronous pages.
  public var synchronous = false
  /// How often its logic may refuse an input before the instance is parked.
  public var tries = SubscriptionSettings().triesMax
  /// The time over which these tries are spread, with growing pauses.
  public var retryTime = SubscriptionSettings().retryTime
  /// How far apart the tries of parked instances are; zero: they wait for a person.
  public var parkedRetryInterval = SubscriptionSettings().parkedRetryInterval
  /// The time that its logic has for one input.
  public var deadline = SubscriptionSettings().deliveryTimeout
  /// The time that a command of it may take before it is sent again.
  public var commandDeadline = SagaSettings().commandTimeout

  public init() {}
}

/// What the logic of a saga is called by.
public enum SagaStyle: String, CaseIterable, Sendable {
  /// `outrider.v1.Saga`: it answers reactions, and Outrider keeps its state and sends its commands.
  case reactions
  /// `evented.Saga`: it is handed events, and sends commands by itself.
  case evented
}

/// Where the command-handler of some domains listens.
public struct CommandRoute: Sendable, Equatable {
  /// A domain's name; `*` stands for any.
  public var domain: Name = "*"
  /// `{domain}` in it stands for the name.
  public var address = ""

  public init() {}

  func names(_ domain: Name) -> Bool { self.domain == "*" || self.domain == domain }
}

extension Configuration {
  /// Where a route leads for a domain; nil: there is none.
  package func route(to domain: Name) -> Endpoint? {
    guard let route = routes.first(where: { $0.names(domain) }) else { return nil }
    return route.endpoint(for: domain)
  }
}

extension Configuration {
  /// The sidecars that sagas, or command-handlers on their behalf, call. A route that leaves a name
  /// open stands for all that it may lead to.
  var sagaPeers: [Endpoint] {
    guard !sagas.isEmpty else { return [] }
    return sagas.filter(\.synchronous).map(\.coordinator) + [commandHandler]
      + routes.compactMap { $0.endpoint(for: $0.domain == "*" ? "any" : $0.domain) }
  }
}

extension CommandRoute {
  /// Nil where the address is none.
  func endpoint(for domain: Name) -> Endpoint? {
    Endpoint(replacing("{domain}", in: address, by: domain.text))
  }

  private func replacing(_ mark: String, in text: String, by replacement: String) -> String {
    guard let place = text.firstRange(of: mark) else { return text }
    return text[..<place.lowerBound] + replacement + text[place.upperBound...]
  }
}
