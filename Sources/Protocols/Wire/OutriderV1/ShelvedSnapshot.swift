import CWire
import EventModel
import ProtobufFields

extension OutriderV1 {
  /// `outrider.v1.ShelvedSnapshot`: stored in a commit in place of a snapshot in the object store.
  public struct ShelvedSnapshot: WireDecodable, WireEncodable, Equatable {
    private static let typeURL = Bytes("type.googleapis.com/outrider.v1.ShelvedSnapshot".utf8)

    /// The object's key.
    public var key: String
    /// SHA-256 of the snapshot: 32 bytes.
    public var digest: Bytes
    /// The snapshot's size.
    public var byteCount: UInt64

    public init(key: String, digest: Bytes, byteCount: UInt64) {
      self.key = key
      self.digest = digest
      self.byteCount = byteCount
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ShelvedSnapshot.self, wireBytes) { view throws(WireError) in
        var shelved = Self(key: "", digest: [], byteCount: 0)
        var reader = FieldReader(view)
        while let field = try reader.next() {
          switch field.number {
          case 1: shelved.key = String(decoding: view.part(field.content), as: UTF8.self)
          case 2: shelved.digest = Bytes(view.part(field.content))
          case 3: shelved.byteCount = field.value
          default: break
          }
        }
        guard !shelved.key.isEmpty else { throw .missing("key") }
        guard shelved.digest.count == 32 else {
          throw .invalid("sha256", "must be 32 bytes, got \(shelved.digest.count)")
        }
        return shelved
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.text(1, key)
      writer.data(2, digest)
      writer.number(3, byteCount)
      return writer.bytes
    }

    /// The stored form: an `Any`, the value of `Snapshot.state`.
    public var snapshot: Bytes {
      Payload(typeURL: String(decoding: Self.typeURL, as: UTF8.self), value: wireBytes).wireBytes
    }

    /// Decodes a commit's snapshot; nil if that is the snapshot itself.
    public init?(inSnapshot snapshot: Bytes) {
      let value: Bytes? = snapshot.withUnsafeBufferPointer { view in
        guard FieldReader.content(of: 1, in: view)?.elementsEqual(Self.typeURL) == true else {
          return nil
        }
        return FieldReader.content(of: 2, in: view).map { Bytes($0) }
      }
      guard let value, let shelved = try? Self(wireBytes: value) else { return nil }
      self = shelved
    }
  }
}
