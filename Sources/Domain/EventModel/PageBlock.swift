import ProtobufFields

/// Consecutive pages of one aggregate, in wire form: field 3 of `evented.EventBook`, repeated.
///
/// Pages are stored, cached and sent in this form. Concatenating the bytes of two blocks joins
/// the blocks; a cover and a block make an event book.
public struct PageBlock: Hashable, Sendable {
  /// The first page's number; for an empty block, the number that its first page would get.
  public private(set) var first: SequenceNumber
  /// The number after the last page.
  public private(set) var next: SequenceNumber
  /// The pages, each behind its tag and length.
  public private(set) var bytes: Bytes

  public var count: Int { next - first }
  /// The number of the last page. Traps on an empty block.
  public var last: SequenceNumber { SequenceNumber(next.rawValue - 1) }
  public var isEmpty: Bool { first == next }

  /// An empty block at this place of the stream.
  public init(emptyAt next: SequenceNumber) {
    first = next
    self.next = next
    bytes = []
  }

  /// A block from a store. Nil unless the bytes are exactly the pages from `first` (inclusive) up
  /// to `next` (exclusive), each a whole message that begins with its number.
  public init?(stored bytes: Bytes, first: SequenceNumber, next: SequenceNumber) {
    guard PageEncoding.areIntact(bytes, from: first, upTo: next) else { return nil }
    self.init(first: first, next: next, bytes: bytes)
  }

  /// Part of a block, cut at page ends.
  private init(first: SequenceNumber, next: SequenceNumber, bytes: Bytes) {
    self.first = first
    self.next = next
    self.bytes = bytes
  }

  /// Appends a block that starts where this one ends. Traps on any other: callers check what a
  /// store read before.
  public mutating func append(_ block: PageBlock) {
    precondition(block.first == next, "blocks of pages are joined without a gap")
    bytes += block.bytes
    next = block.next
  }

  /// Appends a page, whose number must be the block's `next`.
  public mutating func append(_ page: EventPage) {
    guard page.sequence == next, let after = next.advanced(by: 1) else {
      preconditionFailure("page \(page.sequence) does not follow a block that ends at \(next)")
    }
    FieldWriter.append(to: &bytes) { PageEncoding.append(page, to: &$0) }
    next = after
  }

  /// The pages from `lower` (inclusive) up to `upper` (exclusive), as far as the block has them.
  public func slice(from lower: SequenceNumber, upTo upper: SequenceNumber? = nil) -> PageBlock {
    let start = max(first, min(lower, next))
    let end = max(start, min(upper ?? next, next))
    if start == first && end == next { return self }
    let ends = pageEnds()
    let lowerOffset = start == first ? 0 : ends[start - first - 1]
    let upperOffset = end == first ? 0 : ends[end - first - 1]
    return PageBlock(first: start, next: end, bytes: Bytes(bytes[lowerOffset..<upperOffset]))
  }

  /// Splits the block so that no part is larger than `size` bytes, or holds more than one page.
  public func split(bySize size: Int) -> [PageBlock] {
    if bytes.count <= size || count <= 1 { return [self] }
    var parts: [PageBlock] = []
    var start = (sequence: first, offset: 0)
    var last = start
    for end in pageEnds() {
      if end - start.offset > size, last.sequence > start.sequence {
        parts.append(block(from: start, to: last))
        start = last
      }
      last = (SequenceNumber(last.sequence.rawValue + 1), end)
    }
    parts.append(block(from: start, to: last))
    return parts
  }

  private func block(
    from start: (sequence: SequenceNumber, offset: Int),
    to end: (sequence: SequenceNumber, offset: Int)
  ) -> PageBlock {
    PageBlock(
      first: start.sequence, next: end.sequence, bytes: Bytes(bytes[start.offset..<end.offset]))
  }

  /// The end of each page in `bytes`.
  private func pageEnds() -> [Int] {
    bytes.withUnsafeBufferPointer { buffer in
      var ends: [Int] = []
      ends.reserveCapacity(count)
      var reader = FieldReader(buffer)
      while let field = try? reader.next() { ends.append(field.whole.upperBound) }
      precondition(
        ends.count == count && ends.last ?? 0 == buffer.count,
        "a block's bytes hold exactly its pages")
      return ends
    }
  }

  /// Whether synchronous projectors and sagas handle a page before the command is answered.
  public var hasSynchronous: Bool { PageEncoding.hasSynchronous(self) }

  /// The pages, decoded as far as `EventPage` goes.
  public var pages: [EventPage] { PageEncoding.pages(of: self) }
}
