import CWire
import EventModel

// `evented.CommandBook`, as sent to be decided.

extension Command: WireDecodable, WireEncodable {
  /// Decodes a command book: cover, and at least one page, each with a command. Keeps the bytes
  /// for the business logic.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Evented__CommandBook.self, wireBytes) { view throws(WireError) in
      try Command(view, encoded: wireBytes)
    }
  }

  /// - Parameter view: a checked command book; `encoded` has the same bytes.
  init(_ view: View, encoded: Bytes) throws(WireError) {
    var cover: Cover?
    var pageCount = 0
    var isSynchronous = false
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
        let page = try at("pages[\(pageCount)]") { () throws(WireError) in
          try CommandPageFields(content)
        }
        guard page.hasCommand else { throw .missing("pages[\(pageCount)].command") }
        isSynchronous = isSynchronous || page.isSynchronous
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
      origin: try Origin(checking: correlation, annotations), isSynchronous: isSynchronous,
      encoded: encoded)
  }

  /// The command book as received.
  public var wireBytes: Bytes { encoded }
}

/// The fields of an `evented.CommandPage` that Outrider reads.
private struct CommandPageFields {
  var isSynchronous = false
  var hasCommand = false

  /// - Parameter view: a page that was checked.
  init(_ view: View) throws(WireError) {
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case 2: isSynchronous = field.value != 0
      case 3: hasCommand = true
      case 16: try checkEntity("entity", view.part(field.content))
      default: break
      }
    }
  }
}
