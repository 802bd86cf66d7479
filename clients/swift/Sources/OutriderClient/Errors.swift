public import StatusCodes

/// gRPC's status codes.
public typealias Code = StatusCode

/// A command is not carried out, and will not be.
///
/// Logic throws it to refuse: the client gets code and message, and nothing is stored.
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

/// The aggregate does not stand where the caller expected it. Read it again, then decide again.
public struct Conflict: Error, Equatable, CustomStringConvertible {
  /// What the sidecar said.
  public let message: String

  public var description: String { message }
}

/// A call did not succeed in time, although it was tried again.
///
/// Whether a command was stored is not known. Send it again with the same id: it happens once.
public struct Unavailable: Error, Equatable, CustomStringConvertible {
  public let message: String
  /// The command's id; nil for a call that changes nothing.
  public let commandID: String?

  public var description: String { message }
}

/// The program is wrong, not its input: an event that nobody applies, a trigger used twice.
public struct Mistake: Error, Equatable, CustomStringConvertible {
  public let message: String

  init(_ message: String) { self.message = message }

  public var description: String { message }
}
