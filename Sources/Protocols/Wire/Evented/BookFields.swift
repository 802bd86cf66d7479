import EventModel

/// The fields of an `evented.EventBook`, before checks of required ones, which depend on sender
/// and receiver. Pages are not decoded.
struct BookFields {
  var cover: Cover?
  var snapshot: Snapshot?
  var pages: [View] = []
  var commandID = ""
  var correlation = ""
  var annotations: Bytes = []
  var expected: SequenceNumber?
  var projection: Projection?
  var position: Position?

  /// - Parameter view: a checked event book. The pages are valid as long as it is.
  init(_ view: View) throws(WireError) {
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: cover = try at("cover") { () throws(WireError) in try Cover(content) }
      case 2: snapshot = try at("snapshot") { () throws(WireError) in try Snapshot(content) }
      case 3: pages.append(content)
      case 16: commandID = String(decoding: content, as: UTF8.self)
      case 17: correlation = String(decoding: content, as: UTF8.self)
      case 18, 19: annotations += view.part(field.whole)
      case 20: expected = try SequenceNumber(expected: content)
      case 21:
        projection = try at("projection") { () throws(WireError) in try Projection(content) }
      case 22: position = try Position(content)
      default: break
      }
    }
    try checkLength("command_id", commandID, FieldLimits.commandIDByteCount)
  }

  func requiredCover() throws(WireError) -> Cover {
    guard let cover else { throw .missing("cover") }
    return cover
  }

  var optionalCommandID: String? { commandID.isEmpty ? nil : commandID }

  func origin() throws(WireError) -> Origin {
    try Origin(checking: correlation, annotations)
  }
}

extension Cover: WireContent {
  /// - Parameter view: a cover that was checked.
  init(_ view: View) throws(WireError) {
    var root: Root?
    var domain: Name = ""
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: root = try at("root") { () throws(WireError) in try Root(message: content) }
      case 2: domain = Name(String(decoding: content, as: UTF8.self))
      default: break
      }
    }
    try self.init(checking: domain, root)
  }

  func write(to writer: inout FieldWriter) {
    writer.start(1, byteCount: 2 + Root.byteCount)
    root.withBytes { writer.field(1, $0) }
    writer.text(2, domain)
  }
}

extension Root {
  /// - Parameter view: an `evented.UUID` that was checked.
  init(message view: View) throws(WireError) {
    var value = View(start: nil, count: 0)
    var reader = FieldReader(view)
    while let field = try reader.next() {
      if field.number == 1 { value = view.part(field.content) }
    }
    try self.init(checking: value)
  }
}

extension Snapshot {
  /// - Parameter view: a snapshot that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    var sequence: UInt32 = 0
    var state: Bytes?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case 2: sequence = UInt32(truncatingIfNeeded: field.value)
      case 3: state = Bytes(view.part(field.content))
      default: break
      }
    }
    guard let state else { throw .missing("state") }
    self.init(sequence: try .ofEvent("sequence", sequence), state: state)
  }
}

extension SequenceNumber {
  /// - Parameter view: an `evented.ExpectedSequence` that was checked.
  init(expected view: View) throws(WireError) {
    var next: UInt32 = 0
    var reader = FieldReader(view)
    while let field = try reader.next() {
      if field.number == 1 { next = UInt32(truncatingIfNeeded: field.value) }
    }
    self.init(next)
  }
}

extension Origin {
  init(checking correlation: String, _ annotations: Bytes) throws(WireError) {
    try checkLength("correlation", correlation, FieldLimits.correlationByteCount)
    guard annotations.count <= FieldLimits.annotationsByteCount else {
      throw .invalid(
        "headers",
        "and cause together must be at most \(FieldLimits.annotationsByteCount) bytes, "
          + "got \(annotations.count)")
    }
    _ = try Evented.Cause.find(in: annotations)
    self.init(correlation: correlation, annotations: annotations)
  }
}
