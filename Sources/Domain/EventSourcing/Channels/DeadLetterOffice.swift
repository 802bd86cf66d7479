import EventModel

/// Lists, retries and drops the dead letters of one domain, from its projectors or its commands.
public struct DeadLetterOffice: Sendable {
  /// A letter with its subscription and partition.
  public struct Filed: Sendable {
    public var subscription: Name
    public var partition: UInt32
    public var letter: DeadLetter
  }

  public let domain: Name
  private let boxes: [Box]

  /// - Parameter subscriptions: the projectors that this process knows.
  public init(
    of domain: Name, on channel: any MessageChannel, partitions: UInt32, subscriptions: [Name]
  ) {
    self.domain = domain
    boxes = subscriptions.sorted().flatMap { name in
      (0..<partitions).map { partition in
        Box(subscription: name, partition: partition) { () throws(ChannelError) in
          try channel.deadLetters(of: domain, partition: partition, for: name)
        }
      }
    }
  }

  /// The dead letters of the domain's commands.
  public init(ofCommandsFor domain: Name, on channel: any CommandChannel) {
    self.domain = domain
    boxes = [
      Box(subscription: CommandCarrier.subscription, partition: 0) { () throws(ChannelError) in
        try channel.deadLetters(of: domain)
      }
    ]
  }

  /// The oldest letters of each projector and partition; nil for all projectors.
  public func list(
    _ subscription: Name?, limit: ReadLimit
  ) async throws(EventSourcingError) -> (letters: [Filed], hasMore: Bool) {
    var found: [Filed] = []
    var rest = limit
    for box in try boxes(subscription) {
      let letters = try box.letters
      let page = try await asking { () throws(ChannelError) in try await letters.list(limit: rest) }
      found += page.letters.map { box.filed($0) }
      rest = rest.without(page.letters)
      if page.hasMore { return (found, true) }
    }
    return (found, false)
  }

  /// Returns one letter; nil if none has this id.
  public func letter(
    _ id: String, of subscription: Name?
  ) async throws(EventSourcingError) -> Filed? {
    for box in try boxes(subscription) {
      let letters = try box.letters
      let letter = try await asking { () throws(ChannelError) in try await letters.letter(id) }
      if let letter { return box.filed(letter) }
    }
    return nil
  }

  /// Retries or drops letters. Throws if the broker fails; letters settled before stay settled.
  public func settle(
    _ choice: LetterChoice, by action: LetterAction, of subscription: Name?
  ) async throws(EventSourcingError) -> SettledLetters {
    var settled = SettledLetters()
    for box in try boxes(subscription) {
      var rest = choice
      if case .ids(let ids) = choice {
        rest = .ids(ids.subtracting(settled.ids))
        if settled.ids == ids { break }
      }
      let letters = try box.letters
      settled += try await asking { [rest] () throws(ChannelError) in
        try await letters.settle(rest, by: action)
      }
    }
    return settled
  }

  // MARK: Boxes

  private struct Box: Sendable {
    let subscription: Name
    let partition: UInt32
    let open: @Sendable () throws(ChannelError) -> any DeadLetters

    var letters: any DeadLetters {
      get throws(EventSourcingError) {
        do throws(ChannelError) { return try open() } catch { throw EventSourcingError(error) }
      }
    }

    func filed(_ letter: DeadLetter) -> Filed {
      Filed(subscription: subscription, partition: partition, letter: letter)
    }
  }

  private func boxes(_ subscription: Name?) throws(EventSourcingError) -> [Box] {
    guard let subscription else { return boxes }
    let found = boxes.filter { $0.subscription == subscription }
    guard !found.isEmpty else {
      throw EventSourcingError(
        .notFound,
        "nothing named \(subscription) follows \(domain) here; there are: "
          + Set(boxes.map(\.subscription.text)).sorted().joined(separator: ", "))
    }
    return found
  }

  private func asking<Answer>(
    _ body: () async throws(ChannelError) -> Answer
  ) async throws(EventSourcingError) -> Answer {
    do throws(ChannelError) { return try await body() } catch { throw EventSourcingError(error) }
  }
}

extension ReadLimit {
  /// The limit that remains after these letters. Without bytes left, no letter fits.
  public func without(_ letters: [DeadLetter]) -> ReadLimit {
    let rest = bytes - letters.reduce(0) { $0 + $1.body.count }
    return ReadLimit(count: rest > 0 ? count - letters.count : 0, bytes: rest)
  }
}

extension EventSourcingError {
  public init(_ error: ChannelError) {
    self.init(error.code == .unavailable ? .unavailable : .precondition, "\(error)")
  }
}
