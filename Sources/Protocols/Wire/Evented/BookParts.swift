import EventModel

/// The parts of an `evented.EventBook` to be written, and its length.
struct BookParts {
  private let cover: Bytes
  private let snapshot: Snapshot?
  /// Complete fields.
  private let pages: Bytes
  /// Complete fields: everything after the pages.
  private let rest: Bytes

  init(cover: Cover?, snapshot: Snapshot?, pages: Bytes, rest: Bytes = []) {
    self.cover = cover?.wireContent ?? []
    self.snapshot = snapshot
    self.pages = pages
    self.rest = rest
  }

  var byteCount: Int {
    (cover.isEmpty ? 0 : FieldWriter.fieldByteCount(1, content: cover.count))
      + (snapshot.map { FieldWriter.fieldByteCount(2, content: $0.wireByteCount) } ?? 0)
      + pages.count + rest.count
  }

  func write(to writer: inout FieldWriter) {
    writer.data(1, cover)
    if let snapshot {
      writer.start(2, byteCount: snapshot.wireByteCount)
      writer.number(2, UInt64(snapshot.sequence.rawValue))
      writer.field(3, snapshot.state)
    }
    writer.fields(pages)
    writer.fields(rest)
  }

  /// The book as a message.
  var wireBytes: Bytes {
    var writer = FieldWriter(reserving: byteCount)
    write(to: &writer)
    return writer.bytes
  }

  /// The book as a field of another message.
  func write(asField number: UInt32, to writer: inout FieldWriter) {
    writer.start(number, byteCount: byteCount)
    write(to: &writer)
  }
}

extension Snapshot {
  fileprivate var wireByteCount: Int {
    FieldWriter.numberByteCount(2, UInt64(sequence.rawValue))
      + FieldWriter.fieldByteCount(3, content: state.count)
  }
}

/// The fields of an event book after its pages.
func bookRest(
  commandID: String?, origin: Origin, expected: SequenceNumber? = nil,
  projection: Projection? = nil, position: Position? = nil
) -> Bytes {
  let textBytes = (commandID?.utf8.count ?? 0) + origin.correlation.utf8.count
  var writer = FieldWriter(reserving: textBytes + origin.annotations.count + 32)
  writer.text(16, commandID ?? "")
  writer.text(17, origin.correlation)
  writer.fields(origin.annotations)
  if let expected { writer.field(20, expected.wireContentAsExpected) }
  if let projection { writer.field(21, projection.wireBytes) }
  if let position { writer.field(22, position.wireContent) }
  return writer.bytes
}

extension SequenceNumber {
  /// The content of a field with an `evented.ExpectedSequence`.
  var wireContentAsExpected: Bytes {
    var writer = FieldWriter()
    writer.number(1, UInt64(rawValue))
    return writer.bytes
  }
}
