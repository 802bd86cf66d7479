public import StatusCodes

/// gRPC's status codes.
public typealias Code = StatusCode

/// A command is refused for good.
///
/// Logic throws it; the client gets code and message, and nothing is stored.
public struct Refused: Error, Equatable, CustomStringConvertible {
  public let code: Code
  /// For people.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code): \(message)" }
}

/// The aggregate is not at the expected sequence. Read it again, then decide again.
public struct Conflict: Error, Equatable, CustomStringConvertible {
  /// The sidecar's message.
  public let message: String

  public var description: String { message }
}

/// A call did not succeed within its timeout, retries included.
///
/// The outcome of a command is unknown. Send it again with the same id: it happens once.
public struct Unavailable: Error, Equatable, CustomStringConvertible {
  public let message: String
  /// The command's id; nil for a call that changes nothing.
  public let commandID: String?

  public var description: String { message }
}

/// A bug in the program: an event that no function applies, a trigger used twice.
public struct Mistake: Error, Equatable, CustomStringConvertible {
  public let message: String

  init(_ message: String) { self.message = message }

  public var description: String { message }
}
