import Encodings
import ProtobufFields

/// The key of an event in an index of causes, which finds the commits that the event caused.
///
/// 28 bytes, big-endian: 8 of a hash of the domain's name, 16 of the root, 4 of the sequence
/// number. So an aggregate's events lie side by side in their order. Two domains may share a
/// hash, so a reader compares the cause of each commit it finds.
public struct CauseKey: Hashable, Sendable {
  private let domainHash: UInt64
  private let root: Root
  private let sequence: SequenceNumber

  public init(_ event: EventReference) {
    domainHash = event.cover.domain.stableHash
    root = event.cover.root
    sequence = event.sequence
  }

  /// The stored form.
  public var bytes: Bytes {
    domainHash.bigEndianBytes + root.bytes + sequence.rawValue.bigEndianBytes
  }
}

extension CauseKey: Comparable {
  /// Keys sort by their bytes.
  public static func < (left: CauseKey, right: CauseKey) -> Bool {
    (left.domainHash, left.root, left.sequence) < (right.domainHash, right.root, right.sequence)
  }
}

extension Origin {
  /// The event that caused this; nil if the annotations name no event, for example only a
  /// command's id.
  public var causingEvent: EventReference? {
    annotations.withUnsafeBufferPointer { annotations in
      // Most commits have no cause, and no annotations at all.
      if annotations.isEmpty { return nil }
      return FieldReader.content(of: CauseField.cause, in: annotations).flatMap(Self.event)
    }
  }

  /// Numbers of `proto/evented/evented.proto`.
  private enum CauseField {
    /// `EventBook.cause`
    static let cause: UInt32 = 18
    /// `Cause.cover`
    static let cover: UInt32 = 1
    /// `Cause.sequence`
    static let sequence: UInt32 = 2
    /// `Cover.root`
    static let root: UInt32 = 1
    /// `Cover.domain`
    static let domain: UInt32 = 2
    /// `UUID.value`
    static let value: UInt32 = 1
  }

  private static func event(in cause: View) -> EventReference? {
    guard let cover = FieldReader.content(of: CauseField.cover, in: cause),
      let uuid = FieldReader.content(of: CauseField.root, in: cover),
      let root = FieldReader.content(of: CauseField.value, in: uuid).flatMap({ Root($0) }),
      let domain = FieldReader.content(of: CauseField.domain, in: cover), !domain.isEmpty
    else { return nil }
    var sequence: UInt64 = 0
    var reader = FieldReader(cause)
    while let field = try? reader.next() {
      if field.number == CauseField.sequence { sequence = field.value }
    }
    return EventReference(
      cover: Cover(domain: Name(String(decoding: domain, as: UTF8.self)), root: root),
      sequence: SequenceNumber(UInt32(truncatingIfNeeded: sequence)))
  }
}
