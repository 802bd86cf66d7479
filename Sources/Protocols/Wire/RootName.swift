import EventModel
import LibCrypto

extension Root {
  /// RFC 9562 section 6.6: the namespace of object identifiers.
  private static let namespace = Root("6ba7b812-9dad-11d1-80b4-00c04fd430c8")!  // It is a UUID.

  /// The root for a name of an aggregate. A UUID, or 32 hexadecimal digits, is the root itself;
  /// any other text is the name of a version 5 UUID (RFC 9562 section 5.5) in the namespace of
  /// object identifiers, as Python's `uuid.uuid5(uuid.NAMESPACE_OID, name)`. Nil if the name is
  /// empty, or longer than `FieldLimits.rootNameByteCount`.
  public init?(named name: String) {
    guard (1...FieldLimits.rootNameByteCount).contains(name.utf8.count) else { return nil }
    if let root = Root(name) {
      self = root
      return
    }
    var bytes = Array(LibCrypto.sha1(Self.namespace.bytes + Array(name.utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    self.init(bytes)
  }
}
