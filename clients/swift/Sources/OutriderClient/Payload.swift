internal import FoundationEssentials

/// A command, an event or a state on the wire: a type URL, and bytes.
///
/// A `Codable` type has both for free: JSON of the type `json/NAME`. To send protobuf messages
/// instead, see *Protobuf* in README.md.
public protocol Payload: Sendable {
  /// Names the type after its last slash: `json/AccountOpened`,
  /// `type.googleapis.com/bank.AccountOpened`. Stored with every payload, so it must never change.
  static var typeURL: String { get }

  /// Decodes the result of `payloadBytes`, also of earlier versions of the program.
  init(payloadBytes: [UInt8]) throws

  /// Encodes the value. Equal values must give equal bytes: Outrider treats other bytes as another
  /// state.
  func payloadBytes() throws -> [UInt8]
}

extension Payload where Self: Codable {
  /// `json/` and the type's own name, without enclosing types.
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
  /// The part of the type URL after the last slash: `AccountOpened`, `bank.AccountOpened`.
  static var typeName: Substring { OutriderClient.typeName(of: typeURL) }
}

/// Readers compare the part after the last slash (protobuf, `any.proto`).
func typeName(of typeURL: String) -> Substring {
  typeURL.lastIndex(of: "/").map { typeURL[typeURL.index(after: $0)...] } ?? typeURL[...]
}
