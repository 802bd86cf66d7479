import EventModel
import Wire

// Decides all findings and their advice: pure functions of a process's state.

extension OutriderV1.ProcessStatus {
  /// Findings about the process and its surroundings, most urgent first.
  public func findings(beyond limits: StatusLimits) -> [OutriderV1.Finding] {
    var found = store.findings(limits)
    found += logic.flatMap(\.findings)
    found += followers.flatMap { $0.findings(limits) }
    found += certificates.flatMap { $0.findings(limits, at: now) }
    found += histories.findings
    found += roles.flatMap(\.findings)
    return found.byUrgency
  }
}

extension [OutriderV1.Finding] {
  /// Sorts by urgency, and drops duplicates from several processes.
  public var byUrgency: [OutriderV1.Finding] {
    var seen: Set<[String]> = []
    let distinct = filter { seen.insert([$0.code, $0.place]).inserted }
    return distinct.sorted {
      (-$0.severity.rawValue, FindingKind.rank(of: $0.code), $0.place)
        < (-$1.severity.rawValue, FindingKind.rank(of: $1.code), $1.place)
    }
  }
}

extension OutriderV1.Finding {
  public init(
    _ severity: Severity, _ kind: FindingKind, _ what: String, at place: String, do action: String
  ) {
    self.init(severity, code: kind.rawValue, what: what, place: place, action: action)
  }
}

// MARK: - Rows

extension OutriderV1.StoreStatus {
  fileprivate func findings(_ limits: StatusLimits) -> [OutriderV1.Finding] {
    guard isReachable else {
      return [
        .init(
          .failing, .storeAway, "the store does not answer: \(error)", at: place,
          do: kind == "sqlite"
            ? "see that the directory is there and may be read"
            : "start the store's server, or mend the way to it; Outrider goes on by itself then")
      ]
    }
    var found: [OutriderV1.Finding] = []
    let isFull = space.map { $0.free < UInt64(clamping: limits.diskFree) } ?? false
    if !takesCommits {
      found.append(
        .init(
          .failing, .storeNotWritable, "the store takes no commits: commands are refused",
          at: place,
          do: isFull
            ? "make room on its disk; Outrider goes on by itself then"
            : "see Outrider's log for what the store says, and mend that"))
    }
    if isFull, let space {
      found.append(
        .init(
          .warning, .diskNearlyFull, "only \(bytes(space.free)) of \(bytes(space.total)) are free",
          at: place, do: "make room on the store's disk before it takes no more commits"))
    }
    if let clock, clock.offset.magnitude - clock.error > limits.clockOffset {
      found.append(.clockOff(by: clock.offset, from: "the store's server", at: place))
    }
    return found
  }
}

extension OutriderV1.Finding {
  static func clockOff(by offset: Duration, from other: String, at place: String) -> Self {
    let direction = offset < .zero ? "behind" : "ahead of"
    return .init(
      .warning, .clockOff,
      "the clock is \(seconds(offset.magnitude)) \(direction) that of \(other)",
      at: place,
      do: "set both clocks by a time server (NTP): leases and channels bear half a second")
  }
}

extension OutriderV1.LogicStatus {
  fileprivate var findings: [OutriderV1.Finding] {
    if isReachable { return [] }
    if isSlow {
      return [
        .init(
          .warning, .logicSlow, "the \(subject) does not answer a health check in time: \(error)",
          at: address, do: "see whether it is overloaded or stuck; give it more threads or replicas"
        )
      ]
    }
    return [
      .init(
        .failing, .logicDown, "the \(subject) cannot be reached: \(error)", at: address,
        do: "start it, or correct the address in the settings; what waits for it goes on then")
    ]
  }

  private var subject: String {
    purpose.hasPrefix("business logic") ? purpose : "logic of projector \(purpose)"
  }
}

extension OutriderV1.CertificateStatus {
  fileprivate func findings(_ limits: StatusLimits, at now: Timestamp) -> [OutriderV1.Finding] {
    guard let expiresAt else {
      return [
        .init(
          .failing, .certificateUnreadable, "tls.\(purpose) cannot be read: \(error)", at: file,
          do: "put a certificate in PEM form there, and give Outrider's user the right to read it")
      ]
    }
    let left = expiresAt.duration(since: now)
    let advice = "put a new one into the file: Outrider takes it within seconds, without a restart"
    if left <= .zero {
      return [
        .init(
          .failing, .certificateExpired, "tls.\(purpose) expired \(rough(left.magnitude)) ago",
          at: file, do: advice)
      ]
    }
    guard left < limits.certificateExpiry else { return [] }
    return [
      .init(
        .warning, .certificateExpiring, "tls.\(purpose) expires in \(rough(left))", at: file,
        do: advice)
    ]
  }
}

extension [OutriderV1.HistoryStatus] {
  /// One finding for all: the remedy is the same.
  fileprivate var findings: [OutriderV1.Finding] {
    guard let longest = first else { return [] }
    let others = count > 1 ? ", and \(count - 1) more are long" : ""
    return [
      .init(
        .warning, .historyTooLong,
        "each command sends the logic \(longest.events) events, \(bytes(UInt64(longest.bytes)))\(others)",
        at: "\(longest.domain)/\(longest.root)",
        do: "let the logic return snapshots, before commands for it fail")
    ]
  }
}

extension OutriderV1.RoleStatus {
  fileprivate var findings: [OutriderV1.Finding] {
    if isServing { return [] }
    return [
      .init(
        .failing, .notServing, "the \(role) takes no calls yet, or no more", at: address,
        do: "see the findings before this one, and Outrider's log")
    ]
  }
}
