import EventModel
import EventSourcing

/// One domain that this process serves: its logic, and the projectors that follow it.
public struct DomainConfiguration: Sendable, Equatable {
  /// The domain in covers. Nil: every domain that a command names; the logic tells them apart.
  public var name: Name?
  /// The address of the business logic, if configured.
  public var logicAddress: LogicAddress?
  /// The protocol there, unless the address says.
  public var logicProtocol = LogicProtocol.grpc
  /// The effective address and protocol of the business logic.
  public var logic: LogicAddress {
    let address = logicAddress ?? LogicAddress(.tcp(host: "127.0.0.1", port: 1737))
    return logicProtocol == .http ? address.overHTTP : address
  }
  /// The program that serves the logic, started beside Outrider. Empty: it runs already.
  public var logicCommand: [String] = []
  /// The contract of the logic.
  public var logicStyle = LogicStyle.classic
  /// How aggregates' states are stored in the function style.
  public var states = StateSettings()
  /// The schema of its payloads.
  public var schema = SchemaSettings()
  public var projectors: [ProjectorConfiguration]

  public init(name: Name? = nil, projectors: [ProjectorConfiguration] = []) {
    self.name = name
    self.projectors = projectors
  }
}

/// The file of a domain's schema, and the compatibility that a new version needs.
public struct SchemaSettings: Sendable, Equatable {
  /// An Avro schema or a descriptor set; nil: payloads are not checked.
  public var file: String?
  public var compatibility = SchemaCompatibility.backward

  public init() {}
}

/// The contract between Outrider and business logic.
public enum LogicStyle: String, CaseIterable, Sendable {
  /// `evented.BusinessLogic`: stateless; receives an aggregate's history.
  case classic
  /// `outrider.v1.Entity`: two functions. Outrider keeps the state.
  case functions
}

/// One projector of a domain.
public struct ProjectorConfiguration: Sendable, Equatable {
  /// The name of its stored projections, progress and parked aggregates.
  public var name: Name = "projector"
  /// False: ignored. A resolved configuration has only enabled ones.
  public var enabled = true
  /// The address of the projector's logic, if configured.
  public var logicAddress: Endpoint?
  /// The effective address of the projector's logic.
  public var logic: Endpoint { logicAddress ?? .tcp(host: "127.0.0.1", port: 1738) }
  /// The address of the projector's sidecar, which a command-handler in another process calls for
  /// synchronous pages.
  public var coordinator = Endpoint.tcp(host: "127.0.0.1", port: 1315)
  /// True if commands with synchronous pages wait for it.
  public var synchronous = false
  /// Refusals of an event by its logic before the aggregate is parked.
  public var tries = SubscriptionSettings().triesMax
  /// The time over which these tries are spread, with back-off.
  public var retryTime = SubscriptionSettings().retryTime
  /// The interval between tries of parked aggregates; zero: they wait for a person.
  public var parkedRetryInterval = SubscriptionSettings().parkedRetryInterval
  /// The time limit of its logic for one book.
  public var deadline = SubscriptionSettings().deliveryTimeout

  public init() {}
}
