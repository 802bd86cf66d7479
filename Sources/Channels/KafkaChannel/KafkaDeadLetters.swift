import EventModel
import EventSourcing
import Threads

/// A topic's dead letters from one consumer group, or from another tool.
///
/// Each call has its own clients, so a message that the broker refuses disturbs no publisher.
struct KafkaDeadLetters: DeadLetters {
  /// The topic that the messages came from.
  let topic: String
  let group: String
  let address: KafkaAddress
  let report: @Sendable (String) -> Void
  private let tally = LetterTally()

  init(
    topic: String, group: String, address: KafkaAddress,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.topic = topic
    self.group = group
    self.address = address
    self.report = report
  }

  private var letters: String { TopicName.deadLetters(of: topic) }

  func list(limit: ReadLimit) async throws(ChannelError) -> DeadLetterPage {
    try await withProducer { producer throws(ChannelError) in
      let all = try await index(producer)
      let first = all.first(limit.count, bytes: limit.bytes)
      let letters = try await read(Array(first))
      return DeadLetterPage(letters: letters.map(\.value), hasMore: first.count < all.count)
    }
  }

  /// Reads the topic only if its ends have changed since the last count.
  func count() async throws(ChannelError) -> Int {
    try await withProducer { producer throws(ChannelError) in
      let ends = try await blocking { [letters] _ throws(ChannelError) in
        try TopicDirectory(producer: producer).ends(of: letters)
      }
      if let count = tally.count(at: ends) { return count }
      let count = try await index(producer).count
      tally.note(count, at: ends)
      return count
    }
  }

  func letter(_ id: String) async throws(ChannelError) -> DeadLetter? {
    try await withProducer { producer throws(ChannelError) in
      let found = try await index(producer).filter { $0.id == id }
      return try await read(found).first?.value
    }
  }

  func settle(
    _ choice: LetterChoice, by action: LetterAction
  ) async throws(ChannelError) -> SettledLetters {
    try await withProducer { producer throws(ChannelError) in
      var settled = SettledLetters()
      var rest = try await index(producer).filter { choice.includes($0.id) }[...]
      while !rest.isEmpty {
        var batch = Array(
          rest.first(Limits.lettersPerBatch, bytes: Limits.letterBytesPerBatch))
        rest = rest.dropFirst(batch.count)
        if action == .retry {
          let letters = try await read(batch)
          try await producer.publish(letters.map(\.retried), to: topic)
          // Letters that vanished meanwhile were settled by another call.
          let ids = Set(letters.map(\.id))
          batch = batch.filter { ids.contains($0.id) }
        }
        try await producer.publish(batch.map(\.removal), to: self.letters)
        for entry in batch { settled.add(entry.id, of: choice) }
      }
      return settled
    }
  }

  private func withProducer<Outcome: Sendable>(
    _ body: (Producer) async throws(ChannelError) -> Outcome
  ) async throws(ChannelError) -> Outcome {
    let producer = try Producer(address, report: report)
    let result: Result<Outcome, ChannelError>
    do throws(ChannelError) { result = .success(try await body(producer)) } catch {
      result = .failure(error)
    }
    await producer.close()
    return try result.get()
  }

  // MARK: Reading

  /// The current letters, oldest first.
  private func index(_ producer: Producer) async throws(ChannelError) -> [LetterIndex.Entry] {
    try await blocking { [self] cancellation throws(ChannelError) in
      let count = try TopicDirectory(producer: producer).partitions(of: letters) ?? 0
      var index = LetterIndex()
      let starts = (0..<count).map { ($0, TopicReader.beginning) }
      try reader().read(Dictionary(starts) { $1 }, cancellation) { message in
        let copy = message.copy
        guard copy.body != nil else {
          if let key = copy.key { index.remove(String(decoding: key, as: UTF8.self)) }
          return true
        }
        let letter = KafkaLetter(copy, partition: message.partition, offset: message.offset)
        if letter.group ?? group == group {
          index.add(
            LetterIndex.Entry(
              id: letter.id, partition: message.partition, offset: message.offset,
              timestamp: message.timestamp, byteCount: message.byteCount))
        }
        return true
      }
      return index.letters
    }
  }

  /// Reads the letters of the entries, in their order.
  private func read(_ entries: [LetterIndex.Entry]) async throws(ChannelError) -> [KafkaLetter] {
    if entries.isEmpty { return [] }
    return try await blocking { [self] cancellation throws(ChannelError) in
      let offsets = Dictionary(grouping: entries, by: \.partition).mapValues { $0.map(\.offset) }
      let wanted = Set(entries.map(\.id))
      var found: [String: KafkaLetter] = [:]
      try reader().read(offsets.compactMapValues { $0.min() }, cancellation) { message in
        let places = offsets[message.partition] ?? []
        if places.contains(message.offset) {
          let letter = KafkaLetter(
            message.copy, partition: message.partition, offset: message.offset)
          if wanted.contains(letter.id) { found[letter.id] = letter }
        }
        return message.offset < places.max() ?? 0
      }
      return entries.compactMap { found[$0.id] }
    }
  }

  private func reader() throws(ChannelError) -> TopicReader {
    try TopicReader(letters, group: group, at: address, report: report)
  }
}

extension LetterIndex.Entry {
  /// Goes to the letter's own partition, so that it follows the letter.
  fileprivate var removal: OutgoingMessage {
    OutgoingMessage(key: Bytes(id.utf8), body: nil, partition: partition)
  }
}

extension Producer {
  /// Publishes messages, and waits until all are confirmed.
  func publish(_ messages: [OutgoingMessage], to topic: String) async throws(ChannelError) {
    let session = try begin(topic, window: messages.count)
    defer { end(session) }
    for (index, message) in messages.enumerated() {
      try await session.produce(message, number: UInt64(index + 1))
    }
    var confirmed: UInt64 = 0
    while confirmed < messages.count {
      confirmed = try await session.confirmation(after: confirmed)
    }
  }
}
