import CWire
import EventModel

extension OutriderV1 {
  /// Requests a process's status.
  public struct GetStatusRequest: WireDecodable, WireEncodable, Equatable {
    public init() {}

    public init(wireBytes: Bytes) throws(WireError) {
      try WireCheck.check(wireBytes, as: Outrider__V1__GetStatusRequest.self)
    }

    public var wireBytes: Bytes { [] }
  }

  /// The status of a process and its surroundings.
  public struct ProcessStatus: WireDecodable, WireEncodable, Equatable {
    /// The process's name in leases.
    public var process: Name
    public var version: String
    /// The process's clock at the answer.
    public var now: Timestamp
    public var startedAt: Timestamp
    public var roles: [RoleStatus] = []
    public var store = StoreStatus()
    public var logic: [LogicStatus] = []
    /// Nil if no message broker is configured.
    public var broker: BrokerStatus?
    public var followers: [FollowerStatus] = []
    public var certificates: [CertificateStatus] = []
    /// Longest first.
    public var histories: [HistoryStatus] = []
    /// Most urgent first.
    public var findings: [Finding] = []
    /// The number of domains missing in `followers`.
    public var domainsLeftOut = 0

    public init(process: Name, version: String, now: Timestamp, startedAt: Timestamp) {
      self.process = process
      self.version = version
      self.now = now
      self.startedAt = startedAt
    }
  }
}

extension OutriderV1.ProcessStatus {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try unpack(Outrider__V1__ProcessStatus.self, wireBytes) { message throws(WireError) in
      let message = message.pointee
      var status = Self(
        process: Name(text(message.process)), version: text(message.version),
        now: try time("now", message.now), startedAt: try time("started_at", message.started_at))
      status.roles = elements(message.roles, message.n_roles).map { .init($0) }
      if let store = message.store { status.store = .init(store.pointee) }
      status.logic = elements(message.logic, message.n_logic).map { .init($0) }
      status.broker = message.broker.map { .init($0.pointee) }
      for follower in elements(message.followers, message.n_followers) {
        status.followers.append(
          try at("followers[\(status.followers.count)]") { () throws(WireError) in
            try OutriderV1.FollowerStatus(follower)
          })
      }
      for certificate in elements(message.certificates, message.n_certificates) {
        status.certificates.append(
          try at("certificates[\(status.certificates.count)]") { () throws(WireError) in
            try OutriderV1.CertificateStatus(certificate)
          })
      }
      status.histories = elements(message.histories, message.n_histories).map { .init($0) }
      status.findings = elements(message.findings, message.n_findings).map { .init($0) }
      status.domainsLeftOut = Int(message.domains_left_out)
      return status
    }
  }

  public var wireBytes: Bytes {
    pack(Outrider__V1__ProcessStatus.self) { builder, message in
      message.process = builder.string(process)
      message.version = builder.string(version)
      message.now = builder.time(now)
      message.started_at = builder.time(startedAt)
      (message.n_roles, message.roles) = builder.list(roles) { $0.made(by: $1) }
      message.store = store.made(by: builder)
      (message.n_logic, message.logic) = builder.list(logic) { $0.made(by: $1) }
      if let broker { message.broker = broker.made(by: builder) }
      (message.n_followers, message.followers) = builder.list(followers) { $0.made(by: $1) }
      (message.n_certificates, message.certificates) = builder.list(certificates) {
        $0.made(by: $1)
      }
      (message.n_histories, message.histories) = builder.list(histories) { $0.made(by: $1) }
      (message.n_findings, message.findings) = builder.list(findings) { $0.made(by: $1) }
      message.domains_left_out = UInt32(clamping: domainsLeftOut)
    }
  }
}

/// A required time.
private func time(
  _ field: String, _ value: UnsafeMutablePointer<Google__Protobuf__Timestamp>?
) throws(WireError) -> Timestamp {
  guard let value else { throw .missing(field) }
  return try at(field) { () throws(WireError) in try Timestamp(value.pointee) }
}

extension MessageBuilder {
  /// Decodes a repeated field from its count and array.
  func list<Value, Message>(
    _ values: [Value],
    _ make: (Value, borrowing MessageBuilder) -> UnsafeMutablePointer<Message>
  ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Message>?>) {
    var made: [UnsafeMutablePointer<Message>] = []
    for value in values { made.append(make(value, self)) }
    return (made.count, array(made))
  }
}
