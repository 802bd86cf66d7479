import EventModel
import EventSourcing

/// One saga: its logic, and the domains whose events it turns into commands.
public struct SagaConfiguration: Sendable, Equatable {
  /// The name of its stored instances, progress and parked instances.
  public var name: Name = "saga"
  /// The domains whose events it takes; empty: all.
  public var domains: [Name] = []
  /// The key that assigns events to instances.
  public var key = SagaKey.correlation
  /// A file of rules as its logic; nil: its logic is a program.
  public var rules: String?
  /// The address of its logic, if configured.
  public var logicAddress: Endpoint?
  /// The effective address of its logic, if that is a program.
  public var logic: Endpoint { logicAddress ?? .tcp(host: "127.0.0.1", port: 1739) }
  /// The same; nil if its logic is a file of rules.
  public var remoteLogic: Endpoint? { rules == nil ? logic : nil }
  /// The program that serves its logic, started beside Outrider. Empty: it runs already.
  public var logicCommand: [String] = []
  /// The contract of its logic.
  public var style = SagaStyle.reactions
  /// The address of the saga's sidecar, which a command-handler in another process calls for
  /// synchronous pages.
  public var coordinator = Endpoint.tcp(host: "127.0.0.1", port: 1316)
  /// True if commands with synchronous pages wait for it.
  public var synchronous = false
  /// Refusals of an input by its logic before the instance is parked.
  public var tries = SubscriptionSettings().triesMax
  /// The time over which these tries are spread, with back-off.
  public var retryTime = SubscriptionSettings().retryTime
  /// The interval between tries of parked instances; zero: they wait for a person.
  public var parkedRetryInterval = SubscriptionSettings().parkedRetryInterval
  /// The time limit of its logic for one input.
  public var deadline = SubscriptionSettings().deliveryTimeout
  /// The time limit of its commands; then they are sent again.
  public var commandDeadline = SagaSettings().commandTimeout

  public init() {}
}

/// The contract between Outrider and a saga's logic.
public enum SagaStyle: String, CaseIterable, Sendable {
  /// `outrider.v1.Saga`: answers reactions; Outrider stores its state and sends its commands.
  case reactions
  /// `evented.Saga`: receives events, and sends commands by itself.
  case evented
}

/// The address of the command-handler of one or more domains.
public struct CommandRoute: Sendable, Equatable {
  /// A domain's name; `*`: any.
  public var domain: Name = "*"
  /// `{domain}` in it is replaced by the name.
  public var address = ""

  public init() {}

  func names(_ domain: Name) -> Bool { self.domain == "*" || self.domain == domain }
}

extension Configuration {
  /// The address for a domain; nil if no route matches.
  package func route(to domain: Name) -> Endpoint? {
    guard let route = routes.first(where: { $0.names(domain) }) else { return nil }
    return route.endpoint(for: domain)
  }
}

extension Configuration {
  /// The sidecars that sagas call, or command-handlers on their behalf. A route with `{domain}`
  /// stands for all its possible addresses.
  var sagaPeers: [Endpoint] {
    guard !sagas.isEmpty else { return [] }
    return sagas.filter(\.synchronous).map(\.coordinator) + [commandHandler]
      + routes.compactMap { $0.endpoint(for: $0.domain == "*" ? "any" : $0.domain) }
  }
}

extension CommandRoute {
  /// Nil if the address is malformed.
  func endpoint(for domain: Name) -> Endpoint? {
    Endpoint(replacing("{domain}", in: address, by: domain.text))
  }

  private func replacing(_ mark: String, in text: String, by replacement: String) -> String {
    guard let place = text.firstRange(of: mark) else { return text }
    return text[..<place.lowerBound] + replacement + text[place.upperBound...]
  }
}
