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

/// A value that can be read from a protobuf message.
public protocol WireDecodable: Sendable {
  /// Reads the whole message, and checks all that can be checked without knowing any state.
  init(wireBytes: Bytes) throws(WireError)
}

/// A value that can be written as a protobuf message.
public protocol WireEncodable: Sendable {
  /// The message, without any frame around it.
  var wireBytes: Bytes { get }
}

/// Messages of package `evented` that are not values of the domain.
public enum Evented {}

/// Messages of package `outrider.v1`.
public enum OutriderV1 {}

/// Messages of package `grpc.health.v1`.
public enum GRPCHealthV1 {}

/// Messages of package `grpc.reflection.v1`, and of `v1alpha`, which are the same.
public enum GRPCReflectionV1 {}

/// `google.protobuf.Empty`, which some methods take or answer.
public struct EmptyMessage: WireDecodable, WireEncodable, Equatable {
  public init() {}

  /// Fields that a newer peer may have put into it are passed over.
  public init(wireBytes: Bytes) throws(WireError) {
    try WireCheck.check(wireBytes, as: Google__Protobuf__Empty.self)
  }

  public var wireBytes: Bytes { [] }
}
