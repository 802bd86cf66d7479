import CWire
import EventModel

extension OutriderV1 {
  /// The progress of one consumer in one partition of a domain's log, read from the store.
  public struct FollowerStatus: Sendable, Equatable {
    /// Raw values are the wire's.
    public enum Kind: Int, Sendable, CaseIterable {
      case unspecified = 0
      case projector = 1
      case relay = 2
      /// A durable subscription, all lanes together.
      case subscription = 3
      case saga = 4
      /// A carrier of commands dispatched to a domain.
      case carrier = 5
    }

    public var kind: Kind
    public var name: Name
    public var domain: Name
    public var partition: UInt32
    /// Everything up to here is handled or parked.
    public var checkpoint: UInt64 = 0
    /// The end of the log's settled prefix.
    public var head: UInt64 = 0
    /// The age of the first commit after the checkpoint, to the millisecond; zero: there is none.
    public var lag = Duration.zero
    /// Nil for durable subscriptions.
    public var lease: LeaseStatus?
    /// Parked aggregates; `parkedMax` means that many or more.
    public var parked = 0
    public var firstParked: ParkedAggregate?
    /// Aggregates whose events the logic currently refuses.
    public var refused: [ParkedAggregate] = []
    public var circuitIsOpen = false
    public var channelFailure: ChannelFailure?
    /// Messages of the channel that this process set aside.
    public var setAside: UInt64 = 0
    /// When the last of them was set aside.
    public var setAsideAt: Timestamp?
    /// Dead letters at the broker, by the active consumer's last count.
    public var deadLetters: UInt64 = 0
    /// Domains that currently take no commands of this saga.
    public var waitsFor: [AwayDomain] = []
    /// Entries that are due later; nil for a follower without an agenda.
    public var timers: TimerStatus?
    /// Why the other fields could not be read.
    public var error = ""

    public static let parkedMax = 1000

    /// Commits between checkpoint and head.
    public var commitsBehind: UInt64 { head - min(checkpoint, head) }

    public init(kind: Kind, name: Name, domain: Name, partition: UInt32) {
      self.kind = kind
      self.name = name
      self.domain = domain
      self.partition = partition
    }
  }

  /// The timers of a saga, or commands for later. `max` stands for any number from there on.
  public struct TimerStatus: Sendable, Equatable {
    /// Those that were not seen to.
    public var set: Int
    /// Those among them whose time has come.
    public var due: Int

    public static let max = 1000

    public init(set: Int, due: Int) {
      self.set = set
      self.due = due
    }
  }

  /// A domain that takes no commands.
  public struct AwayDomain: Sendable, Equatable {
    public var domain: Name
    /// The answer to the last command.
    public var reason: String

    public init(_ domain: Name, _ reason: String) {
      self.domain = domain
      self.reason = reason
    }
  }

  /// The active consumer's lease.
  public struct LeaseStatus: Sendable, Equatable {
    /// The holder's process name; nil: the lease is free.
    public var holder: Name?
    /// When this process first saw the holder.
    public var since: Timestamp?
    /// Changes of the holder since the lease was created.
    public var changes: UInt64
    /// Changes within the last minute that this process saw.
    public var changesLately: Int

    public init(holder: Name?, since: Timestamp?, changes: UInt64, changesLately: Int) {
      self.holder = holder
      self.since = since
      self.changes = changes
      self.changesLately = changesLately
    }
  }

  /// The failure of the message channel.
  public struct ChannelFailure: Sendable, Equatable {
    /// Raw values are the wire's.
    public enum Kind: Int, Sendable, CaseIterable {
      case unspecified = 0
      case unavailable = 1
      case unroutable = 2
      case refused = 3
      case notPermitted = 4
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
      self.kind = kind
      self.message = message
    }
  }
}

extension OutriderV1.FollowerStatus {
  init(_ follower: Outrider__V1__FollowerStatus) throws(WireError) {
    self.init(
      kind: Kind(rawValue: Int(follower.kind.rawValue)) ?? .unspecified,
      name: Name(text(follower.name)), domain: Name(text(follower.domain)),
      partition: follower.partition)
    checkpoint = follower.checkpoint
    head = follower.head
    lag = .milliseconds(follower.lag_ms)
    lease = try follower.lease.map { (lease) throws(WireError) in
      try at("lease") { () throws(WireError) in try OutriderV1.LeaseStatus(lease.pointee) }
    }
    parked = Int(follower.parked)
    firstParked = try follower.first_parked.map { (parked) throws(WireError) in
      try at("first_parked") { () throws(WireError) in
        try OutriderV1.ParkedAggregate(parked.pointee)
      }
    }
    for aggregate in elements(follower.refused, follower.n_refused) {
      refused.append(
        try at("refused[\(refused.count)]") { () throws(WireError) in
          try OutriderV1.ParkedAggregate(aggregate)
        })
    }
    circuitIsOpen = follower.circuit_open != 0
    channelFailure = follower.channel_failure.map { .init($0.pointee) }
    setAside = follower.set_aside
    setAsideAt = try follower.set_aside_at.map { (time) throws(WireError) in
      try at("set_aside_at") { () throws(WireError) in try Timestamp(time.pointee) }
    }
    deadLetters = follower.dead_letters
    waitsFor = elements(follower.waits_for, follower.n_waits_for).map {
      .init(Name(text($0.domain)), text($0.reason))
    }
    timers = follower.timers.map {
      .init(set: Int($0.pointee.set), due: Int($0.pointee.due))
    }
    error = text(follower.error)
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__FollowerStatus> {
    let follower = builder.make(Outrider__V1__FollowerStatus.self)
    follower.pointee.kind.rawValue = .init(kind.rawValue)
    follower.pointee.name = builder.string(name)
    follower.pointee.domain = builder.string(domain)
    follower.pointee.partition = partition
    follower.pointee.checkpoint = checkpoint
    follower.pointee.head = head
    follower.pointee.lag_ms = UInt64(clamping: lag.wholeMilliseconds)
    if let lease { follower.pointee.lease = lease.made(by: builder) }
    follower.pointee.parked = UInt32(clamping: parked)
    if let firstParked { follower.pointee.first_parked = firstParked.made(by: builder) }
    (follower.pointee.n_refused, follower.pointee.refused) = builder.list(refused) {
      $0.made(by: $1)
    }
    follower.pointee.circuit_open = circuitIsOpen ? 1 : 0
    if let channelFailure {
      follower.pointee.channel_failure = channelFailure.made(by: builder)
    }
    follower.pointee.set_aside = setAside
    if let setAsideAt { follower.pointee.set_aside_at = builder.time(setAsideAt) }
    follower.pointee.dead_letters = deadLetters
    (follower.pointee.n_waits_for, follower.pointee.waits_for) = builder.list(waitsFor) {
      let away = $1.make(Outrider__V1__AwayDomain.self)
      away.pointee.domain = $1.string($0.domain)
      away.pointee.reason = $1.string($0.reason)
      return away
    }
    if let timers {
      let message = builder.make(Outrider__V1__TimerStatus.self)
      message.pointee.set = UInt32(clamping: timers.set)
      message.pointee.due = UInt32(clamping: timers.due)
      follower.pointee.timers = message
    }
    follower.pointee.error = builder.string(error)
    return follower
  }
}

extension OutriderV1.LeaseStatus {
  init(_ lease: Outrider__V1__LeaseStatus) throws(WireError) {
    let holder = Name(text(lease.holder))
    self.init(
      holder: holder.isEmpty ? nil : holder,
      since: try lease.since.map { (time) throws(WireError) in
        try at("since") { () throws(WireError) in try Timestamp(time.pointee) }
      }, changes: lease.changes, changesLately: Int(lease.changes_lately))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__LeaseStatus> {
    let lease = builder.make(Outrider__V1__LeaseStatus.self)
    lease.pointee.holder = builder.string(holder ?? "")
    if let since { lease.pointee.since = builder.time(since) }
    lease.pointee.changes = changes
    lease.pointee.changes_lately = UInt32(clamping: changesLately)
    return lease
  }
}

extension OutriderV1.ChannelFailure {
  init(_ failure: Outrider__V1__ChannelFailure) {
    self.init(
      Kind(rawValue: Int(failure.kind.rawValue)) ?? .unspecified, text(failure.message))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__ChannelFailure> {
    let failure = builder.make(Outrider__V1__ChannelFailure.self)
    failure.pointee.kind.rawValue = .init(kind.rawValue)
    failure.pointee.message = builder.string(message)
    return failure
  }
}
