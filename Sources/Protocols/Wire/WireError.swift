/// Why bytes are not the message that they should be: the sender's mistake, always.
public struct WireError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// The bytes are no protobuf, or not of this message.
    case malformed
    /// Sound protobuf, but a field is missing or has a value that it may not have.
    case invalid
    /// The message is sound, but takes more memory than a message may.
    case tooLarge
  }

  public var code: Code
  /// The message's full protobuf name, such as `evented.CommandBook`.
  public var message: String
  /// Where in it, as a path: `pages[2].createdAt`. Empty for the message as a whole.
  public var field: String
  /// What is wrong there, as a sentence without its subject: `must be 16 bytes, got 5`.
  public var problem: String

  init(_ code: Code, message: String = "", field: String = "", _ problem: String) {
    self.code = code
    self.message = message
    self.field = field
    self.problem = problem
  }

  static func missing(_ field: String) -> WireError {
    WireError(.invalid, field: field, "is missing")
  }

  static func invalid(_ field: String, _ problem: String) -> WireError {
    WireError(.invalid, field: field, problem)
  }

  /// The same error, seen from the message that holds this one in the field given.
  func inside(_ outer: String) -> WireError {
    var error = self
    error.field = field.isEmpty ? outer : field.hasPrefix("[") ? outer + field : "\(outer).\(field)"
    return error
  }

  /// The same error, about the message given as a whole.
  func of(_ message: String) -> WireError {
    var error = self
    error.message = message
    return error
  }
}

extension WireError: CustomStringConvertible {
  /// The whole sentence: `cover.root.value must be 16 bytes, got 5`.
  public var description: String { "\(field.isEmpty ? message : field) \(problem)" }
}

/// Runs the body; an error from it is one about the field given.
func at<Value>(
  _ field: @autoclosure () -> String, _ body: () throws(WireError) -> Value
) throws(WireError) -> Value {
  do { return try body() } catch { throw error.inside(field()) }
}

/// Runs the body; an error from it is one about the message given.
func reading<Value>(
  _ message: @autoclosure () -> String, _ body: () throws(WireError) -> Value
) throws(WireError) -> Value {
  do { return try body() } catch { throw error.of(message()) }
}
