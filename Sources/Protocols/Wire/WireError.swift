/// Why bytes are not the expected message: always the sender's mistake.
public struct WireError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// The bytes are not protobuf, or not of this message.
    case malformed
    /// Valid protobuf, but a field is missing or has an invalid value.
    case invalid
    /// The message is valid, but takes more memory than allowed.
    case tooLarge
  }

  public var code: Code
  /// The message's full protobuf name, such as `evented.CommandBook`.
  public var message: String
  /// The path of the field: `pages[2].createdAt`. Empty for the whole message.
  public var field: String
  /// The error, as a sentence without its subject: `must be 16 bytes, got 5`.
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

  /// The same error in the message that holds this one in the field.
  func inside(_ outer: String) -> WireError {
    var error = self
    error.field = field.isEmpty ? outer : field.hasPrefix("[") ? outer + field : "\(outer).\(field)"
    return error
  }

  /// The same error in the given message as a whole.
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

/// Runs the body; prefixes its errors with the field.
func at<Value>(
  _ field: @autoclosure () -> String, _ body: () throws(WireError) -> Value
) throws(WireError) -> Value {
  do { return try body() } catch { throw error.inside(field()) }
}

/// Runs the body; its errors are in the given message.
func reading<Value>(
  _ message: @autoclosure () -> String, _ body: () throws(WireError) -> Value
) throws(WireError) -> Value {
  do { return try body() } catch { throw error.of(message()) }
}
