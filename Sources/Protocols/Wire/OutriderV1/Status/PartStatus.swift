import CWire
import EventModel

// Independent parts of a process's status.

extension OutriderV1 {
  /// A role of the process.
  public struct RoleStatus: Sendable, Equatable {
    public var role: String
    public var address: String
    public var isServing: Bool

    public init(role: String, address: String, isServing: Bool) {
      self.role = role
      self.address = address
      self.isServing = isServing
    }
  }

  /// The event store, as seen by the process.
  public struct StoreStatus: Sendable, Equatable {
    /// The store's clock compared with the process's.
    public struct Clock: Sendable, Equatable {
      /// The process's time minus the store's.
      public var offset: Duration
      /// The uncertainty of the offset.
      public var error: Duration

      public init(offset: Duration, error: Duration) {
        self.offset = offset
        self.error = error
      }
    }

    /// The store's file system.
    public struct Space: Sendable, Equatable {
      public var free: UInt64
      public var total: UInt64

      public init(free: UInt64, total: UInt64) {
        self.free = free
        self.total = total
      }
    }

    public var kind = ""
    public var place = ""
    public var isReachable = false
    public var error = ""
    public var latency = Duration.zero
    public var takesCommits = false
    public var space: Space?
    public var clock: Clock?

    public init() {}
  }

  /// The team's code, as seen by the process.
  public struct LogicStatus: Sendable, Equatable {
    public var address: String
    public var purpose: String
    public var isReachable = false
    /// True if it did not answer in time.
    public var isSlow = false
    public var error = ""
    public var latency = Duration.zero

    public init(address: String, purpose: String) {
      self.address = address
      self.purpose = purpose
    }
  }

  /// The configured message broker.
  public struct BrokerStatus: Sendable, Equatable {
    public var name: Name
    public var place: String

    public init(name: Name, place: String) {
      self.name = name
      self.place = place
    }
  }

  /// A certificate file of the process.
  public struct CertificateStatus: Sendable, Equatable {
    public var purpose: String
    public var file: String
    /// Nil: the file cannot be read, and `error` says why.
    public var expiresAt: Timestamp?
    public var error = ""

    public init(purpose: String, file: String, expiresAt: Timestamp? = nil, error: String = "") {
      self.purpose = purpose
      self.file = file
      self.expiresAt = expiresAt
      self.error = error
    }
  }

  /// An aggregate with a long history.
  public struct HistoryStatus: Sendable, Equatable {
    public var domain: Name
    public var root: String
    public var events: Int
    public var bytes: Int

    public init(domain: Name, root: String, events: Int, bytes: Int) {
      self.domain = domain
      self.root = root
      self.events = events
      self.bytes = bytes
    }
  }
}

extension OutriderV1.RoleStatus {
  init(_ role: Outrider__V1__RoleStatus) {
    self.init(role: text(role.role), address: text(role.address), isServing: role.serving != 0)
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__RoleStatus> {
    let message = builder.make(Outrider__V1__RoleStatus.self)
    message.pointee.role = builder.string(role)
    message.pointee.address = builder.string(address)
    message.pointee.serving = isServing ? 1 : 0
    return message
  }
}

extension OutriderV1.StoreStatus {
  init(_ store: Outrider__V1__StoreStatus) {
    self.init()
    kind = text(store.kind)
    place = text(store.place)
    isReachable = store.reachable != 0
    error = text(store.error)
    latency = .microseconds(store.latency_us)
    takesCommits = store.takes_commits != 0
    if store.total_bytes > 0 { space = Space(free: store.free_bytes, total: store.total_bytes) }
    if store.has_clock != 0 {
      clock = Clock(
        offset: .microseconds(store.clock_offset_us), error: .microseconds(store.clock_error_us))
    }
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__StoreStatus> {
    let message = builder.make(Outrider__V1__StoreStatus.self)
    message.pointee.kind = builder.string(kind)
    message.pointee.place = builder.string(place)
    message.pointee.reachable = isReachable ? 1 : 0
    message.pointee.error = builder.string(error)
    message.pointee.latency_us = UInt64(clamping: latency.wholeMicroseconds)
    message.pointee.takes_commits = takesCommits ? 1 : 0
    message.pointee.free_bytes = space?.free ?? 0
    message.pointee.total_bytes = space?.total ?? 0
    message.pointee.has_clock = clock == nil ? 0 : 1
    message.pointee.clock_offset_us = clock?.offset.wholeMicroseconds ?? 0
    message.pointee.clock_error_us = UInt64(clamping: clock?.error.wholeMicroseconds ?? 0)
    return message
  }
}

extension OutriderV1.LogicStatus {
  init(_ logic: Outrider__V1__LogicStatus) {
    self.init(address: text(logic.address), purpose: text(logic.purpose))
    isReachable = logic.reachable != 0
    isSlow = logic.slow != 0
    error = text(logic.error)
    latency = .microseconds(logic.latency_us)
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__LogicStatus> {
    let message = builder.make(Outrider__V1__LogicStatus.self)
    message.pointee.address = builder.string(address)
    message.pointee.purpose = builder.string(purpose)
    message.pointee.reachable = isReachable ? 1 : 0
    message.pointee.slow = isSlow ? 1 : 0
    message.pointee.error = builder.string(error)
    message.pointee.latency_us = UInt64(clamping: latency.wholeMicroseconds)
    return message
  }
}

extension OutriderV1.BrokerStatus {
  init(_ broker: Outrider__V1__BrokerStatus) {
    self.init(name: Name(text(broker.name)), place: text(broker.place))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__BrokerStatus> {
    let message = builder.make(Outrider__V1__BrokerStatus.self)
    message.pointee.name = builder.string(name)
    message.pointee.place = builder.string(place)
    return message
  }
}

extension OutriderV1.CertificateStatus {
  init(_ certificate: Outrider__V1__CertificateStatus) throws(WireError) {
    self.init(
      purpose: text(certificate.purpose), file: text(certificate.file),
      expiresAt: try certificate.expires_at.map { (time) throws(WireError) in
        try at("expires_at") { () throws(WireError) in try Timestamp(time.pointee) }
      }, error: text(certificate.error))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__CertificateStatus> {
    let message = builder.make(Outrider__V1__CertificateStatus.self)
    message.pointee.purpose = builder.string(purpose)
    message.pointee.file = builder.string(file)
    if let expiresAt { message.pointee.expires_at = builder.time(expiresAt) }
    message.pointee.error = builder.string(error)
    return message
  }
}

extension OutriderV1.HistoryStatus {
  init(_ history: Outrider__V1__HistoryStatus) {
    self.init(
      domain: Name(text(history.domain)), root: text(history.root),
      events: Int(clamping: history.events), bytes: Int(clamping: history.bytes))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__HistoryStatus> {
    let message = builder.make(Outrider__V1__HistoryStatus.self)
    message.pointee.domain = builder.string(domain)
    message.pointee.root = builder.string(root)
    message.pointee.events = UInt64(clamping: events)
    message.pointee.bytes = UInt64(clamping: bytes)
    return message
  }
}
