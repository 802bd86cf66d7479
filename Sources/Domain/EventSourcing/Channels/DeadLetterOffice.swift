import EventModel

/// The dead letters of all projectors of one domain: to look at, to retry, to drop.
public struct DeadLetterOffice: Sendable {
  /// A letter, and whose it is.
  public struct Filed: Sendable {
    public var subscription: Name
    public var partition: UInt32
    public var letter: DeadLetter
  }

  public let domain: Name
  private let channel: any MessageChannel
  private let partitions: UInt32
  private let subscriptions: [Name]

  /// - Parameter subscriptions: the projectors that this process knows.
  public init(
    of domain: Name, on channel: any MessageChannel, partitions: UInt32, subscriptions: [Name]
  ) {
    self.domain = domain
    self.channel = channel
    self.partitions = partitions
    self.subscriptions = subscriptions
  }

  /// The oldest letters of each projector and partition; nil for all projectors.
  public func list(
    _ subscription: Name?, limit: ReadLimit
  ) async throws(EventSourcingError) -> (letters: [Filed], hasMore: Bool) {
    var found: [Filed] = []
    var rest = limit
    for box in try boxes(subscription) {
      let page = try await asking { () throws(ChannelError) in
        try await box.letters.list(limit: rest)
      }
      found += page.letters.map { box.filed($0) }
      rest = rest.without(page.letters)
      if page.hasMore { return (found, true) }
    }
    return (found, false)
  }

  /// One letter; nil if there is none of that id.
  public func letter(
    _ id: String, of subscription: Name?
  ) async throws(EventSourcingError) -> Filed? {
    for box in try boxes(subscription) {
      let letter = try await asking { () throws(ChannelError) in try await box.letters.letter(id) }
      if let letter { return box.filed(letter) }
    }
    return nil
  }

  /// Retries or drops letters. Throws where the broker fails: what was done until then is done.
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
      settled += try await asking { [rest] () throws(ChannelError) in
        try await box.letters.settle(rest, by: action)
      }
    }
    return settled
  }

  // MARK: Boxes

  private struct Box {
    let subscription: Name
    let partition: UInt32
    let letters: any DeadLetters

    func filed(_ letter: DeadLetter) -> Filed {
      Filed(subscription: subscription, partition: partition, letter: letter)
    }
  }

  private func boxes(_ subscription: Name?) throws(EventSourcingError) -> [Box] {
    if let subscription, !subscriptions.contains(subscription) {
      throw EventSourcingError(
        .notFound,
        "no projector \(subscription) follows \(domain) here; these do: "
          + subscriptions.map(\.text).joined(separator: ", "))
    }
    var boxes: [Box] = []
    for name in subscription.map({ [$0] }) ?? subscriptions.sorted() {
      for partition in 0..<partitions {
        do throws(ChannelError) {
          let letters = try channel.deadLetters(of: domain, partition: partition, for: name)
          boxes.append(Box(subscription: name, partition: partition, letters: letters))
        } catch { throw EventSourcingError(error) }
      }
    }
    return boxes
  }

  private func asking<Answer>(
    _ body: () async throws(ChannelError) -> Answer
  ) async throws(EventSourcingError) -> Answer {
    do throws(ChannelError) { return try await body() } catch { throw EventSourcingError(error) }
  }
}

extension ReadLimit {
  /// What is left behind these letters. Where no byte is, not even one letter is let through.
  public func without(_ letters: [DeadLetter]) -> ReadLimit {
    let rest = bytes - letters.reduce(0) { $0 + $1.body.count }
    return ReadLimit(count: rest > 0 ? count - letters.count : 0, bytes: rest)
  }
}

extension EventSourcingError {
  init(_ error: ChannelError) {
    self.init(error.code == .unavailable ? .unavailable : .precondition, "\(error)")
  }
}
