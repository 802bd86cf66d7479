import EventModel
import Timing

/// The messages that one subscription's consumers set aside, of one partition.
///
/// Every adapter keeps these promises, and `Contracts` tests them:
/// - *Nothing is lost*: a letter goes when it is dropped, or when the broker has confirmed the
///   message that was retried. A crash, or two callers at once, may retry a letter twice.
/// - *Only what is chosen*: all other letters stay, and are listed again.
/// - *Finite*: `settle` looks at the letters that were there when it began. So a message that is
///   set aside again at once is retried once.
public protocol DeadLetters: Sendable {
  /// The oldest letters, with their bodies.
  func list(limit: ReadLimit) async throws(ChannelError) -> DeadLetterPage

  /// How many letters there are.
  func count() async throws(ChannelError) -> Int

  /// One letter; nil if there is none of that id.
  func letter(_ id: String) async throws(ChannelError) -> DeadLetter?

  /// Retries or drops letters.
  func settle(
    _ choice: LetterChoice, by action: LetterAction
  ) async throws(ChannelError) -> SettledLetters
}

/// A message that was set aside.
public struct DeadLetter: Sendable, Equatable {
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Made when it was set aside. Another tool's letter gets one of its content; letters of the same
  /// content may share it, and are retried or dropped together.
  public var id: String
  /// Empty where another tool put it there.
  public var reason: String
  /// Nil where another tool put it there.
  public var setAsideAt: Timestamp?
  /// Those of the message itself, as text.
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

/// The oldest of the letters.
public struct DeadLetterPage: Sendable, Equatable {
  public var letters: [DeadLetter]
  /// Whether there are more than the limit let through.
  public var hasMore: Bool

  public init(letters: [DeadLetter] = [], hasMore: Bool = false) {
    self.letters = letters
    self.hasMore = hasMore
  }
}

/// Which letters.
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

/// What becomes of a letter.
public enum LetterAction: Sendable {
  /// Its message goes to the subscription again, without what was added to it.
  case retry
  /// It is deleted for good.
  case drop
}

/// What was retried or dropped.
public struct SettledLetters: Sendable, Equatable {
  public var count: Int
  /// The ids that were found, of those that were named.
  public var ids: Set<String>

  public init(count: Int = 0, ids: Set<String> = []) {
    self.count = count
    self.ids = ids
  }

  /// Counts a letter that is settled.
  public mutating func add(_ id: String, of choice: LetterChoice) {
    count += 1
    if case .ids = choice { ids.insert(id) }
  }

  public static func += (left: inout SettledLetters, right: SettledLetters) {
    left.count += right.count
    left.ids.formUnion(right.ids)
  }
}

/// What a message is marked with when it is set aside.
public struct LetterStamp: Sendable, Equatable {
  public var id: String
  public var reason: String
  public var setAsideAt: Timestamp

  public init(id: String, reason: String, setAsideAt: Timestamp) {
    self.id = id
    self.reason = reason
    self.setAsideAt = setAsideAt
  }

  /// A stamp of now, with a new id: 16 hexadecimal digits.
  public init(_ reason: String, _ environment: Environment = .live) {
    let digits = String(environment.random(), radix: 16)
    self.init(
      id: String(repeating: "0", count: 16 - digits.count) + digits, reason: reason,
      setAsideAt: environment.now())
  }
}
