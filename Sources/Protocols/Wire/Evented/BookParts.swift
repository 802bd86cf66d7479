import EventModel

/// The parts of an `evented.EventBook` to be written.
struct BookParts: WireContent {
  var cover: Cover?
  var snapshot: Snapshot?
  /// Complete fields, as stored.
  var pages: Bytes
  var commandID: String?
  var origin = Origin()
  var expected: SequenceNumber?
  var projection: Projection?
  var position: Position?

  var byteCountGuess: Int {
    let snapshot = snapshot.map { $0.state.count + 16 } ?? 0
    let projection = projection.map { $0.byteCountGuess } ?? 0
    let texts = (commandID?.utf8.count ?? 0) + origin.correlation.utf8.count
    return 64 + snapshot + pages.count + texts + origin.annotations.count + projection
  }

  func write(to writer: inout FieldWriter) {
    if let cover { writer.message(1, cover) }
    if let snapshot {
      writer.message(2, guess: snapshot.state.count + 8) {
        $0.number(2, UInt64(snapshot.sequence.rawValue))
        $0.field(3, snapshot.state)
      }
    }
    writer.fields(pages)
    writer.text(16, commandID ?? "")
    writer.text(17, origin.correlation)
    writer.fields(origin.annotations)
    if let expected { writer.expected(20, expected) }
    if let projection { writer.message(21, projection) }
    if let position { writer.message(22, position) }
  }
}

extension FieldWriter {
  /// Writes an `evented.ExpectedSequence`.
  mutating func expected(_ number: UInt32, _ sequence: SequenceNumber) {
    message(number) { $0.number(1, UInt64(sequence.rawValue)) }
  }
}
