public import FoundationEssentials
internal import Wire

/// The durable result of a command.
public struct Stored: Sendable {
  public let root: UUID
  /// Empty: the logic had nothing to do.
  public let events: [AnyPayload]
  /// The sequence of the aggregate's next event, after these; nil without events.
  public let nextSequence: UInt32?
  /// Their position in the domain's log; nil without events.
  public let position: Position?
  public let commandID: String
  /// True: the command was handled before, and these are its events.
  public let isRepeated: Bool
}

/// An aggregate, folded from its events.
public struct Found<Aggregate: OutriderClient.Aggregate>: Sendable {
  public let root: UUID
  public let aggregate: Aggregate
  /// The sequence of its next event, to be passed as `expected`.
  public let nextSequence: UInt32
}

extension Stored {
  init(_ answer: Evented.SynchronousProcessingResponse, to book: Evented.CommandBook) throws {
    // The books of synchronous sagas follow the command's own.
    let own = answer.books.first.flatMap { $0.cover == book.cover ? $0 : nil }
    root = UUID(bytes: book.cover.root.bytes)
    events = try own?.pages.pages.map { try AnyPayload(pageBody: $0.body) } ?? []
    nextSequence = own?.pages.next.rawValue
    position = answer.position.map { .init($0) }
    commandID = book.commandID ?? ""
    isRepeated = answer.alreadyHandled
  }

  /// No command was sent, since there was nothing to do.
  init(nothingToDo book: Evented.CommandBook) {
    root = UUID(bytes: book.cover.root.bytes)
    events = []
    nextSequence = nil
    position = nil
    commandID = book.commandID ?? ""
    isRepeated = false
  }
}
