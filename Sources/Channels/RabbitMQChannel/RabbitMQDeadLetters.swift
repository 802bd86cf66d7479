import EventModel
import EventSourcing
import Threads
import Wire

/// The queue of a subscription's dead letters.
///
/// Each call has its own connection, so that a broker that blocks it, or a long read, disturbs no
/// consumer.
struct RabbitMQDeadLetters: DeadLetters {
  private let queue: String
  private let address: RabbitMQAddress

  init(of queue: String, at address: RabbitMQAddress) {
    self.queue = queue
    self.address = address
  }

  func list(limit: ReadLimit) async throws(ChannelError) -> DeadLetterPage {
    try await opened { box, cancellation throws(ChannelError) in
      var page = DeadLetterPage()
      var bytes = 0
      while let content = try box.next(cancellation) {
        bytes += content.body.count
        page.hasMore =
          page.letters.count == limit.count || !page.letters.isEmpty && bytes > limit.bytes
        if page.hasMore { break }
        page.letters.append(DeadLetter(content))
      }
      return page
    }
  }

  func count() async throws(ChannelError) -> Int {
    try await opened { box, _ throws(ChannelError) in box.remaining }
  }

  func letter(_ id: String) async throws(ChannelError) -> DeadLetter? {
    try await opened { box, cancellation throws(ChannelError) in
      while let content = try box.next(cancellation) {
        let letter = DeadLetter(content)
        if letter.id == id { return letter }
      }
      return nil
    }
  }

  func settle(
    _ choice: LetterChoice, by action: LetterAction
  ) async throws(ChannelError) -> SettledLetters {
    try await opened { box, cancellation throws(ChannelError) in
      var settled = SettledLetters()
      while let content = try box.next(cancellation) {
        let id = DeadLetter(content).id
        // Other letters return when the box is closed.
        guard choice.includes(id) else { continue }
        switch action {
        case .retry: try box.retry(content)
        case .drop: try box.drop(content)
        }
        settled.add(id, of: choice)
      }
      try box.finish()
      return settled
    }
  }

  private func opened<Outcome: Sendable>(
    _ body: @escaping @Sendable (LetterBox, Cancellation) throws(ChannelError) -> Outcome
  ) async throws(ChannelError) -> Outcome {
    let result: Result<Outcome, ChannelError>
    do throws(ThreadFailure) {
      result = try await onThread { [queue, address] cancellation in
        Result { () throws(ChannelError) in
          try body(try LetterBox(of: queue, at: address, cancellation), cancellation)
        }
      }
    } catch {
      throw ChannelError(.unavailable, "\(error)")
    }
    return try result.get()
  }
}

extension DeadLetter {
  init(_ content: IncomingContent) {
    let all = content.headers.map { (name: $0.key, value: $0.value) }
    let added = LetterHeaders(among: all)
    let own = all.filter { !LetterHeaders.contain($0.name) }.sorted { $0.name < $1.name }
    self.init(
      id: added.id ?? LetterHeaders.derivedID(headers: all, body: content.body),
      reason: added.reason, setAsideAt: added.setAsideAt,
      headers: own.map { Header(name: $0.name, value: $0.value) }, body: content.body)
  }
}
