import EventModel
import Wire

extension OutriderV1.FollowerStatus {
  /// Findings about one consumer of a log.
  func findings(_ limits: StatusLimits) -> [OutriderV1.Finding] {
    guard error.isEmpty else {
      return [
        .init(
          .warning, .unreadable, "the store does not tell how far \(subject) came: \(error)",
          at: place,
          do: "see that the store answers, and Outrider's log")
      ]
    }
    return [
      consumer, channel, away, waitingLetters, refusals, waiting, lease(limits), lag(limits),
    ].compactMap(\.self)
  }

  /// For example `bank, projector balance`.
  private var place: String {
    kind == .unspecified
      ? domain.text : "\(domain), \(subject)" + (partition == 0 ? "" : "/\(partition)")
  }

  private var subject: String {
    switch kind {
    case .unspecified: "its consumers"
    case .projector: "projector \(name)"
    case .relay: "relay \(name)"
    case .subscription: "subscription \(name)"
    case .saga: "saga \(name)"
    case .carrier: "its carrier"
    }
  }

  private var consumer: OutriderV1.Finding? {
    guard circuitIsOpen else { return nil }
    return .init(
      .failing, .projectorDown, "its logic refuses most aggregates, and is taken for down",
      at: place,
      do: "mend its logic; nothing is parked meanwhile, and it goes on by itself")
  }

  private var channel: OutriderV1.Finding? {
    guard let failure = channelFailure else { return nil }
    let (kind, action): (FindingKind, String) =
      switch failure.kind {
      case .unavailable, .unspecified:
        (.brokerAway, "start the broker, or mend the way to it; nothing is lost meanwhile")
      case .unroutable:
        (.unroutable, "bind a queue for it, or start the consumer that does; the relay waits")
      case .refused: (.brokerRefuses, "see the broker's limits on messages and queues")
      case .notPermitted: (.brokerForbids, "correct the credentials, rights or declarations")
      }
    return .init(.failing, kind, failure.message, at: place, do: action)
  }

  private var away: OutriderV1.Finding? {
    guard let first = waitsFor.first else { return nil }
    return .init(
      .failing, .commandsWait,
      "commands for \(first.domain)"
        + (waitsFor.count > 1 ? " and \(count(UInt64(waitsFor.count - 1), "other domain"))" : "")
        + " wait: \(first.reason)",
      at: place,
      do: "start what takes them, or correct `routes`; they are sent again by themselves")
  }

  private var waitingLetters: OutriderV1.Finding? {
    guard deadLetters > 0 else { return nil }
    return .init(
      .warning, .deadLetters,
      "\(count(deadLetters, "message")) that could not be taken \(deadLetters == 1 ? "waits" : "wait") "
        + "among the dead letters", at: place,
      do: "see why with `outrider dead list`; retry or drop them, and stop who publishes them")
  }

  private var refusals: OutriderV1.Finding? {
    guard let worst = refused.max(by: { $0.tries < $1.tries }) else { return nil }
    return .init(
      .warning, .poisoned,
      "event \(worst.firstSequence) of \(worst.cover) is refused, \(count(UInt64(worst.tries), "try", "tries")) "
        + "so far: \(worst.reason)" + (refused.count > 1 ? ", and \(refused.count - 1) more" : ""),
      at: place, do: "mend the logic of \(subject) before the aggregate is parked")
  }

  private var waiting: OutriderV1.Finding? {
    guard parked > 0, let firstParked else { return nil }
    let many = parked >= Self.parkedMax ? "\(parked) or more aggregates are" : count(parked)
    return .init(
      .warning, .parked,
      "\(many) parked: \(firstParked.cover) at event \(firstParked.firstSequence): "
        + firstParked.reason,
      at: place,
      do: kind == .carrier
        ? "restore what is damaged in the store; they are tried again every minute"
        : "mend its logic, then `outrider parked retry \(name) \(firstParked.cover)`, or skip "
          + "the event"
    )
  }

  private func count(_ aggregates: Int) -> String {
    aggregates == 1 ? "1 aggregate is" : "\(aggregates) aggregates are"
  }

  private func lease(_ limits: StatusLimits) -> OutriderV1.Finding? {
    guard let lease, lease.changesLately >= limits.leaseChanges else { return nil }
    return .init(
      .warning, .leaseFlapping,
      "the active consumer changed \(lease.changesLately) times within a minute", at: place,
      do: "see whether processes restart again and again, clocks differ, or the store is slow")
  }

  private func lag(_ limits: StatusLimits) -> OutriderV1.Finding? {
    guard commitsBehind > 0, lag > limits.lag else { return nil }
    let far = "\(count(commitsBehind, "commit")) and \(rough(lag)) behind"
    if let lease, lease.holder == nil {
      return .init(
        .failing, .nobodyFollows, "nobody follows the log, and it is \(far)", at: place,
        do: "start the process that is to do it")
    }
    return .init(
      .warning, .lag, "it is \(far)", at: place,
      do: kind == .subscription
        ? "see that its consumers run and acknowledge, or delete the subscription"
        : "see whether it is slow, or stopped: look at its logic and at Outrider's log")
  }

  private func count(_ number: UInt64, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }
}
