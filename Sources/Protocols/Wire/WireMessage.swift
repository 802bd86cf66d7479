import CWire
import EventModel

// Wire turns values into protobuf and back. Two ways lead there, and nothing of either leaves this
// module:
//
// - *Books* (commands and events, and what holds them) are walked over field by field, and written
//   by joining bytes that are there already. A payload is never unpacked, and is copied once at
//   most.
// - *Everything else* is small, and goes through protobuf-c, in an arena that lives for the
//   message.
//
// Either way `WireCheck` goes over the bytes first: what comes after it sees sound protobuf only.
// Values that the domain knows carry the conformances below themselves; messages that exist on the
// wire only are in a namespace named after their protobuf package.

/// A value that can be decoded from a protobuf message.
public protocol WireDecodable: Sendable {
  /// Decodes the whole message, with all checks that need no state.
  init(wireBytes: Bytes) throws(WireError)
}

/// A value that can be encoded as a protobuf message.
public protocol WireEncodable: Sendable {
  /// The encoded message, without framing.
  var wireBytes: Bytes { get }
}

/// A message that is written field by field, on its own or into another.
protocol WireContent {
  /// About its length, so that long ones are written without being moved.
  var byteCountGuess: Int { get }
  func write(to writer: inout FieldWriter)
}

extension WireContent {
  var byteCountGuess: Int { 0 }

  /// The message on its own.
  var written: Bytes {
    var writer = FieldWriter(reserving: byteCountGuess)
    write(to: &writer)
    return writer.bytes
  }
}

extension FieldWriter {
  mutating func message(_ number: UInt32, _ content: some WireContent) {
    message(number, guess: content.byteCountGuess) { content.write(to: &$0) }
  }
}

/// Messages of package `evented` that are not values of the domain.
public enum Evented {}

/// Messages of package `outrider.v1`.
public enum OutriderV1 {}

/// Messages of package `grpc.health.v1`.
public enum GRPCHealthV1 {}

/// Messages of package `grpc.reflection.v1`, and of `v1alpha`, which are the same.
public enum GRPCReflectionV1 {}

/// `google.protobuf.Empty`.
public struct EmptyMessage: WireDecodable, WireEncodable, Equatable {
  public init() {}

  /// Ignores fields of newer peers.
  public init(wireBytes: Bytes) throws(WireError) {
    try WireCheck.check(wireBytes, as: Google__Protobuf__Empty.self)
  }

  public var wireBytes: Bytes { [] }
}
