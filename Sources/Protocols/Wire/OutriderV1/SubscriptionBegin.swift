import CWire
import EventModel

extension OutriderV1 {
  /// The start of a subscription in a log.
  public enum SubscriptionStart: Sendable, Equatable {
    case beginning
    case head
  }

  /// A subscription's name, and a consumer's wishes.
  public struct SubscriptionBegin: Sendable, Equatable {
    public var name: Name
    public var domains: [Name]
    /// Type URLs, or their last parts; empty: all commits.
    public var eventTypes: [String]
    public var start: SubscriptionStart
    /// Lanes of each partition; nil: the subscription's current number, or one.
    public var lanes: Int?
    /// Nil: the server's default.
    public var window: Int?

    public init(
      name: Name, domains: [Name], eventTypes: [String] = [], start: SubscriptionStart = .beginning,
      lanes: Int? = nil, window: Int? = nil
    ) {
      self.name = name
      self.domains = domains
      self.eventTypes = eventTypes
      self.start = start
      self.lanes = lanes
      self.window = window
    }
  }
}

extension OutriderV1.SubscriptionBegin {
  init(_ begin: Outrider__V1__SubscriptionBegin) throws(WireError) {
    self.init(
      name: try subscriptionName(begin.name), domains: try Self.domains(of: begin),
      eventTypes: try Self.eventTypes(of: begin), start: try .init(begin.start),
      lanes: try laneCount(begin.lanes), window: begin.window == 0 ? nil : Int(begin.window))
  }

  private static func domains(
    of begin: Outrider__V1__SubscriptionBegin
  ) throws(WireError) -> [Name] {
    guard begin.n_domains > 0 else { throw .missing("domains") }
    guard begin.n_domains <= FieldLimits.subscribedDomains else {
      throw .invalid(
        "domains", "must be at most \(FieldLimits.subscribedDomains), got \(begin.n_domains)")
    }
    var domains: [Name] = []
    for text in UnsafeBufferPointer(start: begin.domains, count: begin.n_domains) {
      let place = "domains[\(domains.count)]"
      let domain = Name(Wire.text(text))
      guard !domain.isEmpty else { throw .missing(place) }
      try checkLength(place, domain.text, FieldLimits.domainByteCount)
      guard !domains.contains(domain) else { throw .invalid(place, "is there twice: \(domain)") }
      domains.append(domain)
    }
    return domains
  }

  private static func eventTypes(
    of begin: Outrider__V1__SubscriptionBegin
  ) throws(WireError) -> [String] {
    guard begin.n_event_types <= FieldLimits.subscribedTypes else {
      throw .invalid(
        "event_types",
        "must be at most \(FieldLimits.subscribedTypes), got \(begin.n_event_types)")
    }
    var types: [String] = []
    for text in UnsafeBufferPointer(start: begin.event_types, count: begin.n_event_types) {
      let type = Wire.text(text)
      guard !type.isEmpty else { throw .missing("event_types[\(types.count)]") }
      types.append(type)
    }
    return types
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__SubscriptionBegin> {
    let begin = builder.make(Outrider__V1__SubscriptionBegin.self)
    begin.pointee.name = builder.string(name)
    begin.pointee.n_domains = domains.count
    begin.pointee.domains = builder.strings(domains.map(\.text))
    begin.pointee.n_event_types = eventTypes.count
    begin.pointee.event_types = builder.strings(eventTypes)
    begin.pointee.start = start.wireValue
    begin.pointee.lanes = UInt32(clamping: lanes ?? 0)
    begin.pointee.window = UInt32(clamping: window ?? 0)
    return begin
  }
}

extension OutriderV1.SubscriptionStart {
  init(_ start: Outrider__V1__SubscriptionStart) throws(WireError) {
    switch start {
    case OUTRIDER__V1__SUBSCRIPTION_START__SUBSCRIPTION_START_UNSPECIFIED,
      OUTRIDER__V1__SUBSCRIPTION_START__SUBSCRIPTION_START_BEGINNING:
      self = .beginning
    case OUTRIDER__V1__SUBSCRIPTION_START__SUBSCRIPTION_START_HEAD: self = .head
    default: throw .invalid("start", "must be a SubscriptionStart, got \(start.rawValue)")
    }
  }

  /// The beginning is the default, and is not encoded.
  var wireValue: Outrider__V1__SubscriptionStart {
    switch self {
    case .beginning: OUTRIDER__V1__SUBSCRIPTION_START__SUBSCRIPTION_START_UNSPECIFIED
    case .head: OUTRIDER__V1__SUBSCRIPTION_START__SUBSCRIPTION_START_HEAD
    }
  }
}

/// A subscription's name. The store reserves `/` and a leading `$`.
func subscriptionName(_ value: UnsafeMutablePointer<CChar>?) throws(WireError) -> Name {
  let name = try name("name", value)
  try checkLength("name", name.text, FieldLimits.subscriptionByteCount)
  guard !name.utf8.contains(UInt8(ascii: "/")), !name.isInternal else {
    throw .invalid("name", "must hold no '/' and not begin with '$', got \(name)")
  }
  return name
}

/// Nil if unset.
func laneCount(_ lanes: UInt32) throws(WireError) -> Int? {
  guard lanes <= FieldLimits.subscriptionLanes else {
    throw .invalid("lanes", "must be at most \(FieldLimits.subscriptionLanes), got \(lanes)")
  }
  return lanes == 0 ? nil : Int(lanes)
}
