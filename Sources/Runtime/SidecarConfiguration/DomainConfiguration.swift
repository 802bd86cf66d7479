import EventModel
import EventSourcing

/// One domain that this process serves: its logic, and the projectors that follow it.
public struct DomainConfiguration: Sendable, Equatable {
  /// The name that covers carry. Nil: every domain that a command names; the logic tells them
  /// apart.
  public var name: Name?
  /// Where the business logic listens, where that was said.
  public var logicAddress: LogicAddress?
  /// What is spoken there, unless the address says.
  public var logicProtocol = LogicProtocol.grpc
  /// Where the business logic listens, and what is spoken there.
  public var logic: LogicAddress {
    let address = logicAddress ?? LogicAddress(.tcp(host: "127.0.0.1", port: 1737))
    return logicProtocol == .http ? address.overHTTP : address
  }
  /// The program that serves the logic, started beside Outrider. Empty: it runs already.
  public var logicCommand: [String] = []
  /// What the logic is called by.
  public var logicStyle = LogicStyle.classic
  /// How the states of aggregates are kept in the function style.
  public var states = StateSettings()
  /// What its payloads must be.
  public var schema = SchemaSettings()
  public var projectors: [ProjectorConfiguration]

  public init(name: Name? = nil, projectors: [ProjectorConfiguration] = []) {
    self.name = name
    self.projectors = projectors
  }
}

/// Where a domain's schema is, and what a new version of it must be able to do.
public struct SchemaSettings: Sendable, Equatable {
  /// An Avro schema or a descriptor set; nil: payloads are whatever comes.
  public var file: String?
  public var compatibility = SchemaCompatibility.backward

  public init() {}
}

/// What business logic is called by.
public enum LogicStyle: String, CaseIterable, Sendable {
  /// `evented.BusinessLogic`: it gets an aggregate's history, and keeps no state.
  case classic
  /// `outrider.v1.Entity`: two functions. Outrider keeps the state.
  case functions
}

/// One projector of a domain.
public struct ProjectorConfiguration: Sendable, Equatable {
  /// The name under which its projections, progress and parked aggregates are kept.
  public var name: Name = "projector"
  /// False: left out, as if it were not there. A resolved configuration has only enabled ones.
  public var enabled = true
  /// Where the projector's logic listens, where that was said.
  public var logicAddress: Endpoint?
  /// Where the projector's logic listens.
  public var logic: Endpoint { logicAddress ?? .tcp(host: "127.0.0.1", port: 1738) }
  /// Where the projector's sidecar listens: a command-handler in another process calls it for
  /// synchronous pages.
  public var coordinator = Endpoint.tcp(host: "127.0.0.1", port: 1315)
  /// Whether it takes part in the answer to commands with synchronous pages.
  public var synchronous = false
  /// How often its logic may refuse an event before the aggregate is parked.
  public var tries = SubscriptionSettings().triesMax
  /// The time over which these tries are spread, with growing pauses.
  public var retryTime = SubscriptionSettings().retryTime
  /// How far apart the tries of parked aggregates are; zero: they wait for a person.
  public var parkedRetryInterval = SubscriptionSettings().parkedRetryInterval
  /// The time that its logic has for one book.
  public var deadline = SubscriptionSettings().deliveryTimeout

  public init() {}
}
