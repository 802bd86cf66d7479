/// One gRPC message as its bytes, without the five-byte prefix that it has on the wire.
///
/// `RPC` never looks inside: what the bytes mean is for `Wire` and for the handlers to say.
public typealias Message = [UInt8]

/// How messages travel (gRPC, `doc/compression.md`). It pays on slow networks, and costs time: 20
/// to 100 times that of a call on one machine.
public enum Compression: String, Sendable, CaseIterable {
  /// As they are.
  case identity
  case gzip

  /// What `grpc-accept-encoding` says.
  package static let accepted: StaticString = "identity,gzip"
}
