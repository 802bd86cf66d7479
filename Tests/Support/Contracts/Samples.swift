import EventModel
import EventSourcing

// What the facts are about: small values, told apart by their numbers.

extension Root {
  /// Roots that differ only in their last bytes, in the order of their numbers.
  static func sample(_ number: Int) -> Root {
    let bytes =
      Bytes(repeating: 7, count: 12) + (0..<4).map { UInt8(number >> (24 - 8 * $0) & 0xFF) }
    guard let root = Root(bytes) else { preconditionFailure("12 and 4 bytes are 16") }
    return root
  }
}

extension PageBlock {
  /// Pages from `first` on whose bodies tell them apart.
  static func sample(from first: SequenceNumber, count: Int, bodySize: Int = 20) -> PageBlock {
    var block = PageBlock(emptyAt: first)
    for _ in 0..<count {
      // Field 4, an `Any` of that size, with a value in its field 2.
      let value = Bytes(
        repeating: UInt8(truncatingIfNeeded: block.next.rawValue), count: bodySize - 2)
      let body: Bytes = [4 << 3 | 2, UInt8(bodySize), 2 << 3 | 2, UInt8(bodySize - 2)] + value
      block.append(
        EventPage(
          sequence: block.next, createdAt: Timestamp(seconds: 1_700_000_001, nanoseconds: 5),
          body: body))
    }
    return block
  }
}

extension Commit {
  static func sample(
    _ root: Root, at first: SequenceNumber, pages: Int = 1, snapshot: Snapshot? = nil,
    commandID: String? = nil, cause: EventReference? = nil, in domain: Name = Subject.domain
  ) -> Commit {
    Commit(
      cover: Cover(domain: domain, root: root), id: .random(),
      pages: .sample(from: first, count: pages), snapshot: snapshot, commandID: commandID,
      origin: cause.map(Origin.init(cause:)) ?? Origin(),
      createdAt: Timestamp(seconds: 1_700_000_002, nanoseconds: 999_999_999))
  }
}

extension Origin {
  /// Only with a cause, as it is on the wire.
  package init(cause: EventReference) {
    func field(_ number: UInt64, _ content: Bytes) -> Bytes {
      varint(number << 3 | 2) + varint(UInt64(content.count)) + content
    }
    func varint(_ number: UInt64) -> Bytes {
      number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F) | 0x80] + varint(number >> 7)
    }
    let root = field(1, field(1, cause.cover.root.bytes))
    let cover = field(1, root + field(2, Bytes(cause.cover.domain.utf8)))
    let sequence =
      cause.sequence == .first ? [] : [2 << 3] + varint(UInt64(cause.sequence.rawValue))
    self.init(annotations: field(18, cover + sequence))
  }
}

extension ConsumerRecord {
  static func sample(
    _ subscription: Name, _ root: Root, next: SequenceNumber, value: Bytes? = [1, 2, 3]
  ) -> ConsumerRecord {
    ConsumerRecord(
      subscription: subscription, root: root, next: next, value: value,
      updatedAt: Timestamp(seconds: 1_700_000_003, nanoseconds: 4))
  }
}

extension EventStore {
  /// Appends the aggregate's first event.
  func appendOne(_ root: Root = .sample(1)) async throws {
    guard case .appended = try await append(.sample(root, at: 0, in: domain)) else {
      throw StorageError(.corrupt, "\(domain)/\(root) is there already")
    }
  }

  /// Appends to an aggregate wherever it ends: as often as others are faster.
  func appendAnywhere(_ root: Root, pages: Int) async throws -> RecordedCommit {
    var next = try await self.next(of: root)
    while true {
      let commit = Commit.sample(root, at: next, pages: pages)
      switch try await append(commit) {
      case .appended(let position): return RecordedCommit(position: position, commit: commit)
      case .conflict(let head): next = head
      case .alreadyHandled, .barred: preconditionFailure("the commit had no command id")
      }
    }
  }
}
