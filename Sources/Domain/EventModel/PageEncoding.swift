/// `evented.EventPage` inside an event book, written and read without a struct in between.
///
/// Field numbers are those of `proto/evented/evented.proto`; `WireTests` holds this against
/// protobuf-c.
enum PageEncoding {
  /// `EventBook.pages`
  private static let pagesField: UInt8 = 3
  private static let num: UInt8 = 1
  private static let createdAt: UInt8 = 3
  private static let synchronous: UInt8 = 5
  private static let seconds: UInt8 = 1
  private static let nanos: UInt8 = 2

  static func append(_ page: EventPage, to bytes: inout Bytes) {
    let number = UInt64(page.sequence.rawValue)
    let timeSize = size(of: page.createdAt)
    let size =
      1 + ProtobufFormat.varintSize(number) + 2 + timeSize + page.body.count
      + (page.synchronous ? 2 : 0)
    bytes.append(ProtobufFormat.tag(pagesField, .lengthDelimited))
    ProtobufFormat.appendVarint(UInt64(size), to: &bytes)
    bytes.append(ProtobufFormat.tag(num, .varint))
    ProtobufFormat.appendVarint(number, to: &bytes)
    bytes.append(ProtobufFormat.tag(createdAt, .lengthDelimited))
    bytes.append(UInt8(timeSize))
    append(page.createdAt, to: &bytes)
    if page.synchronous {
      bytes.append(ProtobufFormat.tag(synchronous, .varint))
      bytes.append(1)
    }
    bytes += page.body
  }

  /// True if the bytes are the pages from `first` up to `next`, each with its number in front and
  /// whole fields behind it. One walk: what is inside an event is not looked at.
  static func areIntact(
    _ bytes: Bytes, from first: SequenceNumber, upTo next: SequenceNumber
  ) -> Bool {
    bytes.withUnsafeBufferPointer { buffer in
      var expected = UInt64(first.rawValue)
      var scanner = FieldScanner(buffer)
      while let field = scanner.next() {
        guard field.number == UInt64(pagesField), field.type == .lengthDelimited,
          isIntact(UnsafeBufferPointer(rebasing: buffer[field.content]), number: expected)
        else { return false }
        expected += 1
      }
      return scanner.isAtEnd && expected == UInt64(next.rawValue)
    }
  }

  private static func isIntact(_ page: UnsafeBufferPointer<UInt8>, number: UInt64) -> Bool {
    var scanner = FieldScanner(page)
    guard let first = scanner.next(), first.number == UInt64(num), first.type == .varint,
      first.value == number
    else { return false }
    while let field = scanner.next() {
      if field.number == UInt64(num) { return false }
    }
    return scanner.isAtEnd
  }

  static func pages(of block: PageBlock) -> [EventPage] {
    block.bytes.withUnsafeBufferPointer { buffer in
      var pages: [EventPage] = []
      var scanner = FieldScanner(buffer)
      while let field = scanner.next() {
        pages.append(page(in: UnsafeBufferPointer(rebasing: buffer[field.content])))
      }
      return pages
    }
  }

  private static func page(in buffer: UnsafeBufferPointer<UInt8>) -> EventPage {
    var page = EventPage(sequence: .first, createdAt: Timestamp(seconds: 0), body: [])
    var scanner = FieldScanner(buffer)
    while let field = scanner.next() {
      switch field.number {
      case UInt64(num): page.sequence = SequenceNumber(UInt32(truncatingIfNeeded: field.value))
      case UInt64(createdAt):
        page.createdAt = timestamp(in: UnsafeBufferPointer(rebasing: buffer[field.content]))
      case UInt64(synchronous): page.synchronous = field.value != 0
      default: page.body += buffer[field.whole]
      }
    }
    return page
  }

  // MARK: google.protobuf.Timestamp

  private static func size(of time: Timestamp) -> Int {
    (time.seconds == 0 ? 0 : 1 + ProtobufFormat.varintSize(UInt64(bitPattern: time.seconds)))
      + (time.nanoseconds == 0
        ? 0 : 1 + ProtobufFormat.varintSize(UInt64(bitPattern: Int64(time.nanoseconds))))
  }

  private static func append(_ time: Timestamp, to bytes: inout Bytes) {
    if time.seconds != 0 {
      bytes.append(ProtobufFormat.tag(seconds, .varint))
      ProtobufFormat.appendVarint(UInt64(bitPattern: time.seconds), to: &bytes)
    }
    if time.nanoseconds != 0 {
      bytes.append(ProtobufFormat.tag(nanos, .varint))
      ProtobufFormat.appendVarint(UInt64(bitPattern: Int64(time.nanoseconds)), to: &bytes)
    }
  }

  private static func timestamp(in buffer: UnsafeBufferPointer<UInt8>) -> Timestamp {
    var time = (seconds: Int64(0), nanoseconds: Int32(0))
    var scanner = FieldScanner(buffer)
    while let field = scanner.next() {
      switch field.number {
      case UInt64(seconds): time.seconds = Int64(bitPattern: field.value)
      case UInt64(nanos): time.nanoseconds = Int32(truncatingIfNeeded: field.value)
      default: break
      }
    }
    return Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds)
  }
}
