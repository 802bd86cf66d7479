import JSON

/// An Avro schema (Apache Avro 1.11, "Schema Declaration"): its types by their full names.
///
/// Logical types are read as their underlying types, as the specification allows.
public struct AvroSchema: Sendable {
  let root: AvroType
  /// Records, enums and fixed types, in the order of their definitions.
  var named: [NamedType]
  /// The index of each full name in `named`.
  let indices: [String: Int]

  /// Full names of the records that can be payloads: the members of a top-level union, else all
  /// records.
  public let payloads: [String]
}

/// A type. Named types are in `AvroSchema.named`.
indirect enum AvroType: Sendable {
  case null, boolean, int, long, float, double, bytes, string
  case array(AvroType)
  case map(AvroType)
  case union([AvroType])
  case named(Int)
}

enum NamedType: Sendable {
  case record(RecordType)
  case enumeration(EnumType)
  case fixed(FixedType)

  var name: TypeName {
    switch self {
    case .record(let type): type.name
    case .enumeration(let type): type.name
    case .fixed(let type): type.name
    }
  }

  var aliases: [String] {
    switch self {
    case .record(let type): type.aliases
    case .enumeration(let type): type.aliases
    case .fixed(let type): type.aliases
    }
  }
}

/// A full name: `savings.AccountOpened`.
struct TypeName: Equatable, Sendable {
  let full: String

  /// `AccountOpened`
  var simple: Substring {
    full.lastIndex(of: ".").map { full[full.index(after: $0)...] } ?? full[...]
  }
  /// `savings`; empty if there is none.
  var namespace: String { full.lastIndex(of: ".").map { String(full[..<$0]) } ?? "" }
}

struct RecordType: Sendable {
  var name: TypeName
  /// Full names.
  var aliases: [String] = []
  var fields: [Field] = []

  struct Field: Sendable {
    var name: String
    var aliases: [String]
    var type: AvroType
    /// The default of a field that is left out.
    var fallback: JSONValue?
    /// `fallback` as a datum, once checked.
    var fallbackBytes: [UInt8]?
  }
}

struct EnumType: Sendable {
  var name: TypeName
  var aliases: [String]
  var symbols: [String]
  /// The symbol that readers use for an unknown one.
  var fallback: String?
}

struct FixedType: Sendable {
  var name: TypeName
  var aliases: [String]
  var size: Int
}

extension AvroSchema {
  /// The full name of a payload, by its full name, or by a last part that only one payload has;
  /// nil if there is none.
  public func payload(named name: String) -> String? {
    if payloads.contains(name) { return name }
    let found = payloads.filter { TypeName(full: $0).simple == name }
    return found.count == 1 ? found[0] : nil
  }

  /// The payload that reads data of a writer's payload: one with the same full name, else one with
  /// that alias; nil if there is none.
  public func payload(reading written: String) -> String? {
    if payloads.contains(written) { return written }
    return payloads.first { payload in
      indices[payload].map { named[$0].aliases.contains(written) } ?? false
    }
  }

  /// Throws if the schema has no such payload.
  func payloadType(_ name: String) throws(AvroError) -> AvroType {
    guard payloads.contains(name), let index = indices[name] else {
      throw AvroError(
        "the schema has no record \(name); it has \(payloads.joined(separator: ", "))")
    }
    return .named(index)
  }

  /// The type's name in messages, and as a branch of a union.
  func name(of type: AvroType) -> String {
    switch type {
    case .null: "null"
    case .boolean: "boolean"
    case .int: "int"
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .bytes: "bytes"
    case .string: "string"
    case .array: "array"
    case .map: "map"
    case .union(let branches): "one of \(branches.map(name).joined(separator: ", "))"
    case .named(let index): named[index].name.full
    }
  }
}
