import CWire
import EventModel

extension OutriderV1 {
  /// A position of the log and its content.
  public struct LogEntry: WireDecodable, WireEncodable, WireContent, Equatable {
    public enum Content: Sendable, Equatable {
      /// `historyFrom`: the first event not included in the commit's snapshot; nil: it has none.
      case commit(EventBook, id: CommitID, historyFrom: SequenceNumber?)
      /// No commit, now or later.
      case tombstone
    }

    public var position: Position
    public var content: Content

    public init(position: Position, content: Content) {
      self.position = position
      self.content = content
    }

    /// A commit for readers of the log.
    public init(_ recorded: RecordedCommit) {
      self.init(
        position: recorded.position,
        content: .commit(
          EventBook(recorded.commit), id: recorded.commit.id,
          historyFrom: recorded.commit.snapshot?.next))
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__LogEntry.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    private init(_ view: View) throws(WireError) {
      var position: Position?
      var book: EventBook?
      var id: CommitID?
      var isTombstone = false
      var historyFrom: UInt32 = 0
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1: position = try Position(content)
        case 2:
          book = try at("book") { () throws(WireError) in
            try EventBook(withPages: try BookFields(content))
          }
        case 3: id = try Self.commitID(content)
        case 4: isTombstone = field.value != 0
        case 5: historyFrom = UInt32(truncatingIfNeeded: field.value)
        default: break
        }
      }
      guard let position else { throw .missing("position") }
      if isTombstone {
        self.init(position: position, content: .tombstone)
        return
      }
      guard let book else { throw .missing("book") }
      guard let id else { throw .missing("commit_id") }
      self.init(
        position: position,
        content: .commit(
          book, id: id, historyFrom: historyFrom == 0 ? nil : SequenceNumber(historyFrom)))
    }

    private static func commitID(_ content: View) throws(WireError) -> CommitID {
      guard let id = CommitID(content) else {
        throw .invalid("commit_id", "must be \(Root.byteCount) bytes, got \(content.count)")
      }
      return id
    }

    public var wireBytes: Bytes { written }

    var byteCountGuess: Int {
      guard case .commit(let book, _, _) = content else { return 32 }
      return book.byteCountGuess + 64
    }

    /// Copies the pages as stored.
    func write(to writer: inout FieldWriter) {
      writer.message(1, position)
      switch content {
      case .commit(let book, let id, let historyFrom):
        writer.message(2, book)
        writer.field(3, id.bytes)
        writer.number(5, UInt64(historyFrom?.rawValue ?? 0))
      case .tombstone: writer.number(4, 1)
      }
    }
  }
}

extension Position {
  init(_ position: Outrider__V1__Position) {
    self.init(partition: position.partition, number: position.number)
  }
}
