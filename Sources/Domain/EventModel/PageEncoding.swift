import ProtobufFields

/// Field numbers of `evented.EventPage`, in `proto/evented/evented.proto`.
package enum PageField {
  @inlinable package static var num: UInt32 { 1 }
  @inlinable package static var force: UInt32 { 2 }
  @inlinable package static var createdAt: UInt32 { 3 }
  @inlinable package static var event: UInt32 { 4 }
  @inlinable package static var synchronous: UInt32 { 5 }
  @inlinable package static var entity: UInt32 { 16 }
}

/// Writes and reads `evented.EventPage` inside an event book without a struct in between.
///
/// Pages are stored and forwarded as they are, so most are never decoded. Numbering pages,
/// splitting blocks and joining them needs only this. Field numbers are those of
/// `proto/evented/evented.proto`; `WireTests` compares this with protobuf-c.
///
/// Trusts its bytes: a block holds pages that this wrote or found intact. `PageFields` in `Wire`
/// checks the pages of peers, which may have any encoding, and says with `WireError` what is wrong
/// with them. So each reads pages on its own.
enum PageEncoding {
  /// `EventBook.pages`
  private static let pages: UInt32 = 3
  fileprivate static let seconds: UInt32 = 1
  fileprivate static let nanos: UInt32 = 2

  static func append(_ page: EventPage, to writer: inout FieldWriter) {
    let number = UInt64(page.sequence.rawValue)
    let flag: UInt64 = page.synchronous ? 1 : 0
    let timeSize = size(of: page.createdAt)
    writer.start(
      pages,
      byteCount: FieldWriter.numberEvenIfZeroByteCount(PageField.num, number)
        + FieldWriter.fieldByteCount(PageField.createdAt, content: timeSize)
        + FieldWriter.numberByteCount(PageField.synchronous, flag) + page.body.count)
    writer.numberEvenIfZero(PageField.num, number)
    writer.start(PageField.createdAt, byteCount: timeSize)
    page.createdAt.write(to: &writer)
    writer.number(PageField.synchronous, flag)
    writer.fields(page.body)
  }

  /// True if the bytes are the pages from `first` up to `next`, each with its number in front and
  /// whole fields behind it. One pass; the content of events is not decoded.
  static func areIntact(
    _ bytes: Bytes, from first: SequenceNumber, upTo next: SequenceNumber
  ) -> Bool {
    bytes.withUnsafeBufferPointer { view in
      var expected = UInt64(first.rawValue)
      var reader = FieldReader(view)
      do {
        while let field = try reader.next() {
          guard field.number == pages, field.type == .lengthDelimited,
            try isIntact(view.part(field.content), number: expected)
          else { return false }
          expected += 1
        }
        return expected == UInt64(next.rawValue)
      } catch {
        return false
      }
    }
  }

  private static func isIntact(_ page: View, number: UInt64) throws(NoMessage) -> Bool {
    var reader = FieldReader(page)
    guard let first = try reader.next(), first.number == PageField.num, first.type == .varint,
      first.value == number
    else { return false }
    while let field = try reader.next() {
      if field.number == PageField.num { return false }
    }
    return true
  }

  static func pages(of block: PageBlock) -> [EventPage] {
    block.bytes.withUnsafeBufferPointer { view in
      var pages: [EventPage] = []
      var reader = FieldReader(view)
      while let field = try? reader.next() { pages.append(page(in: view.part(field.content))) }
      return pages
    }
  }

  static func hasSynchronous(_ block: PageBlock) -> Bool {
    block.bytes.withUnsafeBufferPointer { view in
      var pages = FieldReader(view)
      while let page = try? pages.next() {
        var reader = FieldReader(view.part(page.content))
        while let field = try? reader.next() {
          if field.number == PageField.synchronous, field.value != 0 { return true }
        }
      }
      return false
    }
  }

  private static func page(in view: View) -> EventPage {
    var page = EventPage(sequence: .first, createdAt: Timestamp(seconds: 0), body: [])
    var reader = FieldReader(view)
    while let field = try? reader.next() {
      switch field.number {
      case PageField.num: page.sequence = SequenceNumber(UInt32(truncatingIfNeeded: field.value))
      case PageField.createdAt: page.createdAt = timestamp(in: view.part(field.content))
      case PageField.synchronous: page.synchronous = field.value != 0
      default: page.body += view[field.whole]
      }
    }
    return page
  }

  // MARK: google.protobuf.Timestamp

  private static func size(of time: Timestamp) -> Int {
    FieldWriter.numberByteCount(seconds, UInt64(bitPattern: time.seconds))
      + FieldWriter.numberByteCount(nanos, UInt64(bitPattern: Int64(time.nanoseconds)))
  }

  private static func timestamp(in view: View) -> Timestamp {
    var time = (seconds: Int64(0), nanoseconds: Int32(0))
    var reader = FieldReader(view)
    while let field = try? reader.next() {
      switch field.number {
      case seconds: time.seconds = Int64(bitPattern: field.value)
      case nanos: time.nanoseconds = Int32(truncatingIfNeeded: field.value)
      default: break
      }
    }
    return Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds)
  }
}

extension Timestamp {
  /// Writes the fields of a `google.protobuf.Timestamp`.
  package func write(to writer: inout FieldWriter) {
    writer.number(PageEncoding.seconds, UInt64(bitPattern: seconds))
    writer.number(PageEncoding.nanos, UInt64(bitPattern: Int64(nanoseconds)))
  }
}

/// Reads fields that this module wrote. Malformed input throws `NoMessage`, without a reason.
typealias FieldReader = ProtobufFields.FieldReader<NoMessage>
