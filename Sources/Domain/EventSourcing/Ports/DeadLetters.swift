import Encodings
import EventModel
import Timing

/// The dead letters of one subscription's consumers, of one partition.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Nothing is lost*: a letter is removed when it is dropped, or when the broker has confirmed
///   its retried message. A crash, or two concurrent callers, may retry a letter twice.
/// - *Only what is chosen*: all other letters stay, and are listed again.
/// - *Finite*: `settle` considers the letters that were there when it began. So a message that
///   fails again at once is retried once.
public protocol DeadLetters: Sendable {
  /// Returns the oldest letters, with their bodies.
  func list(limit: ReadLimit) async throws(ChannelError) -> DeadLetterPage

  /// Returns the number of letters.
  func count() async throws(ChannelError) -> Int

  /// Returns one letter; nil if none has this id.
  func letter(_ id: String) async throws(ChannelError) -> DeadLetter?

  /// Retries or drops letters.
  func settle(
    _ choice: LetterChoice, by action: LetterAction
  ) async throws(ChannelError) -> SettledLetters
}

/// A message that a consumer could not process.
public struct DeadLetter: Sendable, Equatable {
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Given when the letter was set aside. A letter from another tool gets an id from its content;
  /// letters with the same content may share it, and are retried or dropped together.
  public var id: String
  /// Empty if another tool set it aside.
  public var reason: String
  /// Nil if another tool set it aside.
  public var setAsideAt: Timestamp?
  /// The message's own headers, as text.
  public var headers: [Header]
  public var body: Bytes

  public init(
    id: String, reason: String, setAsideAt: Timestamp?, headers: [Header], body: Bytes
  ) {
    self.id = id
    self.reason = reason
    self.setAsideAt = setAsideAt
    self.headers = headers
    self.body = body
  }
}

/// The oldest letters.
public struct DeadLetterPage: Sendable, Equatable {
  public var letters: [DeadLetter]
  /// Whether there are more than the limit allowed.
  public var hasMore: Bool

  public init(letters: [DeadLetter] = [], hasMore: Bool = false) {
    self.letters = letters
    self.hasMore = hasMore
  }
}

/// Selects letters.
public enum LetterChoice: Sendable, Equatable {
  case all
  case ids(Set<String>)

  public func includes(_ id: String) -> Bool {
    switch self {
    case .all: true
    case .ids(let ids): ids.contains(id)
    }
  }
}

/// The action on a letter.
public enum LetterAction: Sendable {
  /// Publishes its message to the subscription again, without the headers added for the letter.
  case retry
  /// Deletes it.
  case drop
}

/// The letters that were retried or dropped.
public struct SettledLetters: Sendable, Equatable {
  public var count: Int
  /// The requested ids that were found.
  public var ids: Set<String>

  public init(count: Int = 0, ids: Set<String> = []) {
    self.count = count
    self.ids = ids
  }

  /// Counts a settled letter.
  public mutating func add(_ id: String, of choice: LetterChoice) {
    count += 1
    if case .ids = choice { ids.insert(id) }
  }

  public static func += (left: inout SettledLetters, right: SettledLetters) {
    left.count += right.count
    left.ids.formUnion(right.ids)
  }
}

/// Marks a message that becomes a dead letter.
public struct LetterStamp: Sendable, Equatable {
  public var id: String
  public var reason: String
  public var setAsideAt: Timestamp

  public init(id: String, reason: String, setAsideAt: Timestamp) {
    self.id = id
    self.reason = reason
    self.setAsideAt = setAsideAt
  }

  /// A stamp for now, with a new id of 16 hexadecimal digits.
  public init(_ reason: String, _ environment: Environment = .live) {
    self.init(
      id: Hexadecimal.encode(environment.random()), reason: reason, setAsideAt: environment.now())
  }
}
