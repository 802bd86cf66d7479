/// The bytes of one gRPC message, without the five-byte prefix of the wire.
///
/// `RPC` never looks inside: `Wire` and the handlers interpret the bytes.
public typealias Message = [UInt8]

/// Compression of messages (gRPC, `doc/compression.md`). It pays on slow networks; on one machine
/// it takes 20 to 100 times as long as the call.
public enum Compression: String, Sendable, CaseIterable {
  /// Uncompressed.
  case identity
  case gzip

  /// The value of `grpc-accept-encoding`.
  package static let accepted: StaticString = "identity,gzip"
}
