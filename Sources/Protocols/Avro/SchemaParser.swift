import JSON

extension AvroSchema {
  /// Parses a schema in JSON. Throws with the line if it is not JSON, and with the type and field
  /// if it is not a schema.
  public init(parsing text: [UInt8]) throws(AvroError) {
    guard text.count <= AvroLimits.schemaBytesMax else {
      throw AvroError("a schema may take \(AvroLimits.schemaBytesMax) bytes, got \(text.count)")
    }
    let json: JSONValue
    do throws(JSONError) { json = try JSONValue.parse(text) } catch {
      throw AvroError("\(error)")
    }
    try self.init(json)
  }

  init(_ json: JSONValue) throws(AvroError) {
    var parser = SchemaParser()
    root = try parser.type(json, in: "")
    named = parser.types()
    indices = parser.indices
    payloads = Self.payloads(of: root, named)
    guard !payloads.isEmpty else {
      throw AvroError("the schema has no record: commands and events are records")
    }
    try checkDefaults()
  }

  private static func payloads(of root: AvroType, _ named: [NamedType]) -> [String] {
    var candidates = named
    if case .union(let branches) = root {
      candidates = branches.compactMap { branch in
        if case .named(let index) = branch { named[index] } else { nil }
      }
    }
    return candidates.compactMap { type in
      if case .record(let record) = type { record.name.full } else { nil }
    }
  }
}

/// A recursive descent; the JSON reader bounds its depth.
private struct SchemaParser {
  private(set) var indices: [String: Int] = [:]
  /// Nil: not complete yet, since types can refer to themselves.
  private var named: [NamedType?] = []

  func types() -> [NamedType] {
    named.map { type in
      guard let type else { preconditionFailure("a type that was begun was not ended") }
      return type
    }
  }

  /// - Parameter namespace: the namespace of names without a dot.
  mutating func type(_ json: JSONValue, in namespace: String) throws(AvroError) -> AvroType {
    switch json {
    case .string(let name): return try reference(name, in: namespace)
    case .array(let branches): return try union(branches, in: namespace)
    case .object: return try definition(json, in: namespace)
    default: throw AvroError("a type is expected, got \(json.kind)")
    }
  }

  private func reference(_ name: String, in namespace: String) throws(AvroError) -> AvroType {
    if let primitive = AvroType(primitive: name) { return primitive }
    let full = name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
    guard let index = indices[full] else {
      throw AvroError("there is no type \(full); a type is defined before it is used")
    }
    return .named(index)
  }

  private mutating func union(
    _ branches: [JSONValue], in namespace: String
  ) throws(AvroError) -> AvroType {
    guard !branches.isEmpty else { throw AvroError("a union has one type at least") }
    var types: [AvroType] = []
    var seen: Set<String> = []
    for (index, branch) in branches.enumerated() {
      do throws(AvroError) {
        let type = try type(branch, in: namespace)
        let name =
          switch type {
          case .union: throw AvroError("a union cannot stand in a union")
          case .named(let index): "\(index)"
          case .array: "array"
          case .map: "map"
          default: "\(type)"
          }
        guard seen.insert(name).inserted else {
          throw AvroError("the union has this type already")
        }
        types.append(type)
      } catch { throw error.within(index: index) }
    }
    return .union(types)
  }

  private mutating func definition(
    _ json: JSONValue, in namespace: String
  ) throws(AvroError) -> AvroType {
    guard let kind = json["type"] else { throw AvroError("\"type\" is missing") }
    guard case .string(let kind) = kind else { return try type(kind, in: namespace) }
    switch kind {
    case "array": return .array(try part("items", of: json, in: namespace))
    case "map": return .map(try part("values", of: json, in: namespace))
    case "record", "error", "enum", "fixed":
      let name = try typeName(json, in: namespace)
      do throws(AvroError) { return try define(name, kind, json) } catch {
        throw error.within(name.full)
      }
    default: return try reference(kind, in: namespace)
    }
  }

  private mutating func part(
    _ name: String, of json: JSONValue, in namespace: String
  ) throws(AvroError) -> AvroType {
    guard let part = json[name] else { throw AvroError("\"\(name)\" is missing") }
    do throws(AvroError) { return try type(part, in: namespace) } catch { throw error.within(name) }
  }

  private mutating func define(
    _ name: TypeName, _ kind: String, _ json: JSONValue
  ) throws(AvroError) -> AvroType {
    guard indices[name.full] == nil else { throw AvroError("the name is defined a second time") }
    guard named.count < AvroLimits.namedTypesMax else {
      throw AvroError("a schema may have \(AvroLimits.namedTypesMax) named types")
    }
    let index = named.count
    indices[name.full] = index
    named.append(nil)
    let aliases = try strings("aliases", of: json).map {
      $0.contains(".") || name.namespace.isEmpty ? $0 : "\(name.namespace).\($0)"
    }
    switch kind {
    case "enum": named[index] = .enumeration(try enumeration(name, aliases, json))
    case "fixed": named[index] = .fixed(try fixed(name, aliases, json))
    default:
      named[index] = .record(
        RecordType(name: name, aliases: aliases, fields: try fields(of: json, in: name.namespace)))
    }
    return .named(index)
  }

  // MARK: Kinds of types

  private mutating func fields(
    of json: JSONValue, in namespace: String
  ) throws(AvroError) -> [RecordType.Field] {
    guard case .array(let list)? = json["fields"] else {
      throw AvroError("\"fields\" is missing, or no array")
    }
    guard list.count <= AvroLimits.partsMax else {
      throw AvroError("a record may have \(AvroLimits.partsMax) fields, got \(list.count)")
    }
    var fields: [RecordType.Field] = []
    var seen: Set<String> = []
    for (index, json) in list.enumerated() {
      guard case .string(let name)? = json["name"], name.isAvroName else {
        throw AvroError("the field's name is missing, or no name").within("fields[\(index)]")
      }
      do throws(AvroError) {
        guard seen.insert(name).inserted else { throw AvroError("duplicate field") }
        guard let type = json["type"] else { throw AvroError("\"type\" is missing") }
        fields.append(
          RecordType.Field(
            name: name, aliases: try strings("aliases", of: json),
            type: try self.type(type, in: namespace), fallback: json["default"]))
      } catch { throw error.within(name) }
    }
    return fields
  }

  private func enumeration(
    _ name: TypeName, _ aliases: [String], _ json: JSONValue
  ) throws(AvroError) -> EnumType {
    let symbols = try strings("symbols", of: json)
    guard !symbols.isEmpty else { throw AvroError("\"symbols\" is missing, or empty") }
    guard symbols.count <= AvroLimits.partsMax else {
      throw AvroError("an enum may have \(AvroLimits.partsMax) symbols, got \(symbols.count)")
    }
    guard Set(symbols).count == symbols.count, symbols.allSatisfy(\.isAvroName) else {
      throw AvroError("symbols are names, each once")
    }
    let type = EnumType(name: name, aliases: aliases, symbols: symbols)
    guard let fallback = json["default"] else { return type }
    guard case .string(let symbol) = fallback, symbols.contains(symbol) else {
      throw AvroError("the default is none of the symbols")
    }
    return EnumType(name: name, aliases: aliases, symbols: symbols, fallback: symbol)
  }

  private func fixed(
    _ name: TypeName, _ aliases: [String], _ json: JSONValue
  ) throws(AvroError) -> FixedType {
    guard case .number(let text)? = json["size"], let size = Int32(text), size >= 0 else {
      throw AvroError("\"size\" is missing, or no number of bytes")
    }
    return FixedType(name: name, aliases: aliases, size: Int(size))
  }

  private func strings(_ name: String, of json: JSONValue) throws(AvroError) -> [String] {
    guard let list = json[name] else { return [] }
    guard case .array(let elements) = list else { throw AvroError("\"\(name)\" is not an array") }
    var strings: [String] = []
    for element in elements {
      guard case .string(let text) = element else {
        throw AvroError("\"\(name)\" holds \(element.kind); strings are expected")
      }
      strings.append(text)
    }
    return strings
  }

  /// The full name ("Names" in the specification): a name with a dot is full already.
  private func typeName(
    _ json: JSONValue, in enclosing: String
  ) throws(AvroError) -> TypeName {
    guard case .string(let name)? = json["name"] else {
      throw AvroError("\"name\" is missing, or no string")
    }
    var namespace = enclosing
    if let own = json["namespace"] {
      guard case .string(let own) = own else { throw AvroError("\"namespace\" is not a string") }
      namespace = own
    }
    let full = name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
    let parts = full.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy(\.isAvroName), AvroType(primitive: full) == nil else {
      throw AvroError("\"\(full)\" is not a name: letters, digits and _ between dots")
    }
    return TypeName(full: full)
  }
}

extension AvroType {
  fileprivate init?(primitive name: String) {
    switch name {
    case "null": self = .null
    case "boolean": self = .boolean
    case "int": self = .int
    case "long": self = .long
    case "float": self = .float
    case "double": self = .double
    case "bytes": self = .bytes
    case "string": self = .string
    default: return nil
    }
  }
}

extension StringProtocol {
  /// `[A-Za-z_][A-Za-z0-9_]*`
  fileprivate var isAvroName: Bool {
    guard let first = utf8.first, !(0x30...0x39).contains(first) else { return false }
    return utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      default: false
      }
    }
  }
}
