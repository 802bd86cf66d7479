internal import FoundationEssentials

/// A command, an event or a state as it travels: a type URL, and bytes.
///
/// A `Codable` type has both for free: it travels as JSON, of the type `json/NAME`. To send
/// protobuf messages instead, see *Protobuf* in README.md.
public protocol Payload: Sendable {
  /// Names the type behind its last slash: `json/AccountOpened`,
  /// `type.googleapis.com/bank.AccountOpened`. Stored with every payload, so it never changes.
  static var typeURL: String { get }

  /// Reads what `payloadBytes` wrote, now or in an earlier version of the program.
  init(payloadBytes: [UInt8]) throws

  /// The value as it travels. Equal values give equal bytes: Outrider takes other bytes for another
  /// state.
  func payloadBytes() throws -> [UInt8]
}

extension Payload where Self: Codable {
  /// `json/` and the type's own name, without what it is nested in.
  public static var typeURL: String { "json/\(Self.self)" }

  public init(payloadBytes: [UInt8]) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(payloadBytes))
  }

  public func payloadBytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self))
  }
}

extension Payload {
  /// What stands behind the last slash of the type URL: `AccountOpened`, `bank.AccountOpened`.
  static var typeName: Substring { OutriderClient.typeName(of: typeURL) }
}

/// Whoever reads a payload compares what is behind the last slash (protobuf, `any.proto`).
func typeName(of typeURL: String) -> Substring {
  typeURL.lastIndex(of: "/").map { typeURL[typeURL.index(after: $0)...] } ?? typeURL[...]
}
