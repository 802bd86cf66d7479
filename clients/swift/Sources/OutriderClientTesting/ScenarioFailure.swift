internal import OutriderClient

/// A scenario failed.
public struct ScenarioFailure: Error, CustomStringConvertible {
  /// The failing assertion: file and line.
  public let place: String
  /// The expected and the actual value.
  public let message: String

  init(_ message: String, _ file: StaticString, _ line: UInt) {
    place = "\(file):\(line)"
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}

/// Throws `ScenarioFailure` if the payloads differ.
func expect(
  _ found: [AnyPayload], toBe expected: [any Payload], how: String = "", _ file: StaticString,
  _ line: UInt
) throws {
  let isEqual =
    try found.count == expected.count
    && zip(found, expected).allSatisfy { try $1.equals($0) }
  guard isEqual else {
    throw ScenarioFailure(
      "expected\(how):\(shown(try expected.map { try AnyPayload($0) })); it is:\(shown(found))",
      file, line)
  }
}

/// One line for each.
func shown(_ things: [some CustomStringConvertible]) -> String {
  things.isEmpty ? " nothing" : things.map { "\n  \($0)" }.joined()
}

extension Payload {
  /// Compares values if the type is `Equatable`, else bytes.
  fileprivate func equals(_ found: AnyPayload) throws -> Bool {
    guard let value = try found.as(Self.self) else { return false }
    if let expected = self as? any Equatable { return expected.isEqual(to: value) }
    return try AnyPayload(self) == AnyPayload(value)
  }
}

extension Equatable {
  fileprivate func isEqual(to other: Any) -> Bool { (other as? Self) == self }
}
