import CWire
import EventModel

// `evented.CommandBook` on its way to a decision.

extension Command: WireDecodable, WireEncodable {
  /// Reads a command book: cover, and at least one page, each with a command. The bytes are kept, and
  /// are what business logic gets.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Evented__CommandBook.self, wireBytes) { view throws(WireError) in
      try Command(view, encoded: wireBytes)
    }
  }

  /// - Parameter view: a command book that was checked; `encoded` is the same bytes.
  init(_ view: View, encoded: Bytes) throws(WireError) {
    var cover: Cover?
    var pageCount = 0
    var id = ""
    var correlation = ""
    var annotations: Bytes = []
    var expected: SequenceNumber?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: cover = try at("cover") { () throws(WireError) in try Cover(content) }
      case 2:
        guard try Self.hasCommand(content) else { throw .missing("pages[\(pageCount)].command") }
        pageCount += 1
      case 16: id = String(decoding: content, as: UTF8.self)
      case 17: correlation = String(decoding: content, as: UTF8.self)
      case 18, 19: annotations += view.part(field.whole)
      case 20: expected = try SequenceNumber(expected: content)
      default: break
      }
    }
    guard let cover else { throw .missing("cover") }
    guard pageCount > 0 else { throw .invalid("pages", "is empty: nothing to do") }
    try checkLength("command_id", id, FieldLimits.commandIDByteCount)
    self.init(
      cover: cover, id: id.isEmpty ? nil : id, expected: expected,
      origin: try Origin(checking: correlation, annotations), encoded: encoded)
  }

  private static func hasCommand(_ page: View) throws(WireError) -> Bool {
    var reader = FieldReader(page)
    while let field = try reader.next() { if field.number == 3 { return true } }
    return false
  }

  /// The command book as it was received.
  public var wireBytes: Bytes { encoded }
}
