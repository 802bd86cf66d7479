/// A test program's flags, as `--name=value` or `--name value`.
public struct Flags {
  public struct Unknown: Error, CustomStringConvertible {
    public let description: String
  }

  private var values: [String: String]

  /// Those given on the command line, and else these.
  public init(_ defaults: [String: String]) throws {
    values = defaults
    var rest = CommandLine.arguments.dropFirst()
    while let word = rest.popFirst() {
      let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1).map(String.init)
      guard word.hasPrefix("-"), let name = parts.first, defaults[name] != nil else {
        throw Unknown(
          description: "\(word) is none of: \(defaults.keys.sorted().joined(separator: ", "))")
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw Unknown(description: "--\(name) has no value")
      }
      values[name] = value
    }
  }

  public subscript(name: String) -> String { values[name] ?? "" }

  public func int(_ name: String) throws -> Int {
    guard let value = Int(self[name]) else {
      throw Unknown(description: "--\(name) must be a number, got \(self[name])")
    }
    return value
  }
}
