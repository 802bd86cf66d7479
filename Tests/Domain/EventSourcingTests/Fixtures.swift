import EventModel
import EventSourcing
import MemoryStorage
import StatusCodes
import Synchronization
import Timing

let bank: Name = "bank"

func root(_ number: UInt8) -> Root { Root(Bytes(repeating: 0, count: 15) + [number])! }
func cover(_ number: UInt8) -> Cover { Cover(domain: bank, root: root(number)) }

/// A page's body: field 4 with the text.
func event(_ text: String = "e") -> Bytes { [0x22, UInt8(text.utf8.count)] + Bytes(text.utf8) }

/// The texts of a block's events.
func texts(_ block: PageBlock) -> [String] {
  block.pages.map { String(decoding: $0.body.dropFirst(2), as: UTF8.self) }
}

func command(
  _ number: UInt8 = 1, id: String? = nil, expected: SequenceNumber? = nil,
  synchronous: Bool = false
) -> Command {
  Command(
    cover: cover(number), id: id, expected: expected, isSynchronous: synchronous,
    encoded: [1, 2, 3])
}

func book(_ texts: String..., snapshot: Snapshot? = nil, synchronous: Bool = false) -> ProposedBook
{
  ProposedBook(
    cover: nil, snapshot: snapshot,
    pages: texts.map { ProposedPage(synchronous: synchronous, body: event($0)) })
}

func commit(
  _ number: UInt8 = 1, at first: SequenceNumber, _ texts: String..., snapshot: Snapshot? = nil,
  commandID: String? = nil
) -> Commit {
  var pages = PageBlock(emptyAt: first)
  for text in texts {
    pages.append(
      EventPage(sequence: pages.next, createdAt: Timestamp(seconds: 1), body: event(text)))
  }
  var random = SystemRandomNumberGenerator()
  return Commit(
    cover: cover(number), id: .random(using: &random), pages: pages, snapshot: snapshot,
    commandID: commandID, createdAt: Timestamp(seconds: 1))
}

func memoryStore() async throws -> any DomainStore { try await MemoryStorage().domain(bank) }

/// Of one projector, named p.
func parkingLot(
  of projector: Projector, _ store: any ConsumerStore,
  _ settings: SubscriptionSettings = SubscriptionSettings(), environment: Environment = .live
) -> ParkingLot {
  ParkingLot(
    store: store,
    projectors: [DomainProjector(name: "p", store: store, settings: settings) { _ in projector }],
    environment: environment)
}

/// A minute: far beyond anything that a test waits for.
var soon: ContinuousClock.Instant { .now + .seconds(60) }

extension Environment {
  /// Real time, but pauses pass at once.
  static let impatient = Environment(
    now: Environment.live.now, instant: Environment.live.instant,
    sleep: { _ in
      try Task.checkCancellation()
      await Task.yield()
    }, random: Environment.live.random)
}

/// A number that many tasks count up and down.
final class Counter: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }

  @discardableResult func add(_ change: Int) -> Int {
    number.withLock {
      $0 += change
      return $0
    }
  }
}

/// Business logic as a closure; counts how often it was asked.
final class ScriptedLogic: BusinessLogic {
  private let script: @Sendable (Command, Aggregate, Int) async throws(LogicError) -> ProposedBook
  private let asked = Counter()

  var timesAsked: Int { asked.value }

  /// The closure's last argument counts the questions from 1.
  init(
    _ script: @escaping @Sendable (Command, Aggregate, Int) async throws(LogicError) -> ProposedBook
  ) { self.script = script }

  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    try await script(command, aggregate, asked.add(1))
  }
}

/// What logic says when it refuses.
struct Refusal: Error, Equatable, StatusError {
  var statusCode = StatusCode.failedPrecondition
  var statusMessage = "no"
}

/// Projector logic that appends the texts of the events to the projection; fails on request.
final class ConcatenatingProjector: ProjectorLogic {
  private let failure: @Sendable (EventBook, Int) -> LogicError?
  private let seen = Mutex<[(Root, SequenceNumber, SequenceNumber)]>([])

  /// The closure's last argument counts the calls from 1.
  init(failure: @escaping @Sendable (EventBook, Int) -> LogicError? = { _, _ in nil }) {
    self.failure = failure
  }

  /// The books that were handled: root, first page, number behind the last.
  var handled: [(Root, SequenceNumber, SequenceNumber)] { seen.withLock { $0 } }
  private let calls = Counter()
  var timesCalled: Int { calls.value }

  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    if let error = failure(book, calls.add(1)) { throw error }
    seen.withLock { $0.append((book.cover.root, book.pages.first, book.pages.next)) }
    return (previous?.value ?? []) + texts(book.pages).joined().utf8
  }
}
