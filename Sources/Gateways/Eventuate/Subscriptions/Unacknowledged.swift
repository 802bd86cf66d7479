import EventModel
import Wire

/// The unacknowledged messages of a connection.
///
/// Each message is acknowledged by itself. A commit is acknowledged once all its messages are.
///
/// A state machine: no waiting, no clock, no I/O.
struct Unacknowledged: Sendable {
  private struct Commit {
    let feed: Int
    let acknowledgement: OutriderV1.Acknowledgement
    var messagesLeft: Int
  }

  private let messagesMax: Int
  private var lastNumber: UInt64?
  /// The first number of each message's commit.
  private var commitOfMessage: [UInt64: UInt64] = [:]
  private var commits: [UInt64: Commit] = [:]

  /// - Parameter messagesMax: at this number no commit is delivered until some are acknowledged.
  init(messagesMax: Int) { self.messagesMax = messagesMax }

  var count: Int { commitOfMessage.count }
  var hasRoom: Bool { count < messagesMax }

  /// Numbers a message that needs no acknowledgement.
  mutating func number() -> UInt64 {
    let number = lastNumber.map { $0 + 1 } ?? 0
    lastNumber = number
    return number
  }

  /// Numbers the messages of a commit that goes to the client.
  ///
  /// - Returns: their numbers.
  mutating func deliver(
    _ acknowledgement: OutriderV1.Acknowledgement, by feed: Int, messages: Int
  ) -> [UInt64] {
    let numbers = (0..<messages).map { _ in number() }
    for number in numbers { commitOfMessage[number] = numbers[0] }
    commits[numbers[0]] = Commit(
      feed: feed, acknowledgement: acknowledgement, messagesLeft: messages)
    return numbers
  }

  /// Acknowledges a message. Ignores unknown numbers.
  ///
  /// - Returns: the commit's feed and acknowledgement, if this was its last message.
  mutating func acknowledge(
    _ number: UInt64
  ) -> (feed: Int, acknowledgement: OutriderV1.Acknowledgement)? {
    guard let first = commitOfMessage.removeValue(forKey: number), var commit = commits[first]
    else { return nil }
    commit.messagesLeft -= 1
    commits[first] = commit.messagesLeft == 0 ? nil : commit
    return commit.messagesLeft == 0 ? (commit.feed, commit.acknowledgement) : nil
  }

  /// Forgets a feed's deliveries, which will be redelivered or are no longer wanted.
  ///
  /// - Parameter lane: a lane of a partition; nil: all lanes.
  mutating func forget(_ feed: Int, _ lane: (partition: UInt32, lane: UInt32)? = nil) {
    commits = commits.filter { _, commit in
      let acknowledgement = commit.acknowledgement
      return commit.feed != feed
        || lane.map {
          acknowledgement.position.partition != $0.partition || acknowledgement.lane != $0.lane
        } ?? false
    }
    commitOfMessage = commitOfMessage.filter { commits[$0.value] != nil }
  }
}
