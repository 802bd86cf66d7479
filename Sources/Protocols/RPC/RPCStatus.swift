import StatusCodes

/// The status of a call: the error type of this target, and of every gRPC service above it.
///
/// A handler throws one to choose what its caller sees; a caller catches one. Codes and their
/// meaning: gRPC, `doc/statuscodes.md`. Encoding: `doc/PROTOCOL-HTTP2.md`, Responses.
public struct RPCStatus: Error, Sendable, Equatable {
  public typealias Code = StatusCode

  public var code: Code
  /// For people: what was wrong, where, and the remedy. May hold any Unicode text.
  public var message: String
  /// Metadata in the trailers beside the status.
  public var metadata: Metadata
  /// True if no handler can have seen this call, so a retry is always safe: it was never sent, or
  /// the peer refused it unseen (RFC 9113 section 8.7).
  public var isNeverProcessed: Bool

  public init(
    _ code: Code, _ message: String = "", metadata: Metadata = [:], isNeverProcessed: Bool = false
  ) {
    self.code = code
    self.message = message
    self.metadata = metadata
    self.isNeverProcessed = isNeverProcessed
  }

  /// The call succeeded.
  public static let ok = RPCStatus(.ok)
}

extension RPCStatus: CustomStringConvertible {
  public var description: String {
    message.isEmpty ? "\(code)" : "\(code): \(message)"
  }
}

extension RPCStatus {
  /// The status for an error that a handler threw.
  ///
  /// A thrown status passes unchanged. Any other error is a bug, and its text may hold internals
  /// (paths, queries, other users' data), so none of it leaves the process.
  package init(thrownByHandler error: any Error) {
    switch error {
    case let status as RPCStatus where status.code != .ok: self = status
    case is RPCStatus: self.init(.unknown, "the handler threw the status OK")
    case is CancellationError: self.init(.cancelled, "the call was cancelled")
    default: self.init(.unknown, "the handler failed")
    }
  }
}

extension RPCStatus {
  /// The waiting task was cancelled.
  package static let taskCancelled = RPCStatus(.cancelled, "the task was cancelled")
  package static let deadlinePassed = RPCStatus(
    .deadlineExceeded, "the deadline passed before the answer came")
}

extension RPCStatus {
  /// The status of a message that exceeds its limit; nil if it does not.
  package init?(tooLong count: Int, limit: Int) {
    guard count > limit else { return nil }
    self.init(.resourceExhausted, "a message of \(count) bytes is longer than the limit \(limit)")
  }
}

extension RPCStatus {
  /// The status without metadata, with a note that they were too long.
  package func withoutMetadata(beyond limit: Int) -> RPCStatus {
    let note = "[its metadata is longer than \(limit) bytes, and left out]"
    return RPCStatus(code, message.isEmpty ? note : "\(note) \(message)")
  }
}
