import CWire
import EventModel

/// The fields of a peer's `evented.EventPage`: those that Outrider reads, and the rest as received.
///
/// Any encoding is accepted, and every field checked. `PageEncoding` in `EventModel` reads the one
/// encoding that blocks guarantee, without checks.
struct PageFields {
  /// Nil if the page has no number, or `force`.
  var number: SequenceNumber?
  var createdAt: Timestamp?
  var synchronous = false
  /// The event, its entity, and unknown fields, as received.
  var body: Bytes = []

  /// - Parameter view: a page that was checked.
  init(_ view: View) throws(WireError) {
    var hasEvent = false
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case PageField.num: number = try .ofEvent("num", UInt32(truncatingIfNeeded: field.value))
      case PageField.force: number = nil
      case PageField.createdAt:
        createdAt = try at("createdAt") { () throws(WireError) in
          try Timestamp(view.part(field.content))
        }
      case PageField.synchronous: synchronous = field.value != 0
      default:
        hasEvent = hasEvent || field.number == PageField.event
        if field.number == PageField.entity { try checkEntity("entity", view.part(field.content)) }
        body += view.part(field.whole)
      }
    }
    guard hasEvent else { throw .missing("event") }
  }
}

/// Checks `entity`: empty, or `type:id`.
func checkEntity(_ field: String, _ view: View) throws(WireError) {
  guard !view.isEmpty else { return }
  guard view.count <= FieldLimits.entityByteCount else {
    throw .invalid(
      field, "must be at most \(FieldLimits.entityByteCount) bytes of UTF-8, got \(view.count)")
  }
  let colon = view.firstIndex(of: UInt8(ascii: ":"))
  guard let colon, colon > 0, colon < view.count - 1 else {
    throw .invalid(field, "must be type:id, got \(String(decoding: view, as: UTF8.self))")
  }
}

extension Name {
  /// A member's name. Throws unless it is `type:id`.
  public init(member text: String) throws(WireError) {
    guard !text.isEmpty else { throw .invalid("entity", "must be type:id, got nothing") }
    try Array(text.utf8).withUnsafeBufferPointer { view throws(WireError) in
      try checkEntity("entity", view)
    }
    self.init(text)
  }
}

extension EventPage {
  /// The member of the aggregate that the event happened to, `type:id`; nil: the root.
  public var entity: Name? {
    body.withUnsafeBufferPointer { view in
      var entity: Name?
      var reader = FieldReader(view)
      while let field = try? reader.next() {
        guard field.number == PageField.entity, field.type == .lengthDelimited else { continue }
        entity = Name(String(decoding: view.part(field.content), as: UTF8.self))
      }
      return entity.flatMap { $0.text.isEmpty ? nil : $0 }
    }
  }
}

extension ProposedPage: WireContent {
  /// - Parameter view: a page that was checked.
  init(_ view: View) throws(WireError) {
    let fields = try PageFields(view)
    self.init(
      number: fields.number.map { .exactly($0) } ?? .next, createdAt: fields.createdAt,
      synchronous: fields.synchronous, body: fields.body)
  }

  var byteCountGuess: Int { body.count + 32 }

  func write(to writer: inout FieldWriter) {
    if case .exactly(let number) = number {
      writer.numberEvenIfZero(PageField.num, UInt64(number.rawValue))
    }
    if let createdAt { writer.message(PageField.createdAt, createdAt) }
    writer.number(PageField.synchronous, synchronous ? 1 : 0)
    writer.fields(body)
  }
}

extension PageBlock {
  /// Takes pages with consecutive numbers.
  ///
  /// Re-encodes them: a block guarantees an encoding that the sender need not have used.
  init(_ pages: [View], after snapshot: Snapshot?) throws(WireError) {
    var block: PageBlock?
    for (index, view) in pages.enumerated() {
      try at("pages[\(index)]") { () throws(WireError) in
        let fields = try PageFields(view)
        guard let number = fields.number else { throw .missing("num") }
        if block == nil { block = PageBlock(emptyAt: number) }
        if let next = block?.next, next != number {
          throw .invalid("num", "must be \(next), since pages have no gap, got \(number)")
        }
        block?.append(
          EventPage(
            sequence: number, createdAt: fields.createdAt ?? Timestamp(seconds: 0),
            synchronous: fields.synchronous, body: fields.body))
      }
    }
    self = block ?? PageBlock(emptyAt: snapshot?.next ?? .first)
  }
}

/// `google.protobuf.Timestamp`.
extension Timestamp: WireContent {
  /// - Parameter view: a timestamp that was checked.
  init(_ view: View) throws(WireError) {
    var (seconds, nanoseconds) = (Int64(0), Int32(0))
    var reader = FieldReader(view)
    while let field = try reader.next() {
      switch field.number {
      case 1: seconds = Int64(bitPattern: field.value)
      case 2: nanoseconds = Int32(truncatingIfNeeded: field.value)
      default: break
      }
    }
    try self.init(checking: seconds, nanoseconds)
  }
}
