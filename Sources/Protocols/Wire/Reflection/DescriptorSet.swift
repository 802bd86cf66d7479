import CWire
import EventModel

/// Descriptors of the files in `proto/` and their imports, for reflection.
///
/// Fields are those of `google/protobuf/descriptor.proto`.
public struct DescriptorSet: Sendable {
  /// A `.proto` file.
  struct File {
    var name = ""
    /// A `google.protobuf.FileDescriptorProto`.
    var descriptor: Bytes = []
    var imports: [String] = []
    /// Full names of all its definitions.
    var symbols: [String] = []
    /// Full names of its messages.
    var messages: [String] = []
    /// Its services' methods, as `package.Service/Method`.
    var methods: [String] = []
  }

  private var files: [String: File] = [:]
  private var fileOf: [String: String] = [:]
  private var messages: Set<String> = []

  /// The descriptors compiled into the executable.
  public static let own: DescriptorSet = {
    let view = View(start: outrider_descriptors(), count: outrider_descriptors_size())
    do { return try DescriptorSet(view) } catch {
      preconditionFailure("the descriptors that were generated cannot be read: \(error)")
    }
  }()

  /// The same as a `google.protobuf.FileDescriptorSet`.
  package static var ownBytes: Bytes {
    Bytes(View(start: outrider_descriptors(), count: outrider_descriptors_size()))
  }

  /// Decodes a `google.protobuf.FileDescriptorSet`.
  init(_ view: View) throws(WireError) { try add(view) }

  /// An empty set.
  public init() {}

  /// Adds the descriptors of a `google.protobuf.FileDescriptorSet`. A later description replaces
  /// an earlier one.
  public mutating func add(_ set: Bytes) throws(WireError) {
    try set.withUnsafeBufferPointer { (view) throws(WireError) in try add(view) }
  }

  private mutating func add(_ view: View) throws(WireError) {
    for content in try view.contents(of: 1) {
      let file = try File(view.part(content))
      files[file.name] = file
      for symbol in file.symbols { fileOf[symbol] = file.name }
      messages.formUnion(file.messages)
    }
  }

  /// All methods of all services, as `package.Service/Method`, sorted.
  public var methods: [String] { files.values.flatMap(\.methods).sorted() }

  /// The name of a `FileDescriptorProto`, and the names of its imports.
  public static func outline(
    of file: Bytes
  ) throws(WireError) -> (name: String, imports: [String]) {
    try file.withUnsafeBufferPointer { (view) throws(WireError) in
      (try view.text(1), try view.contents(of: 3).map { view.string($0) })
    }
  }

  /// True if the full name is a message type.
  public func hasMessage(_ name: String) -> Bool { messages.contains(name) }

  /// The `FileDescriptorProto` that defines a symbol (by full name), then all its imports; nil if
  /// there is none.
  public func files(defining symbol: String) -> [Bytes]? { fileOf[symbol].flatMap(files(named:)) }

  /// The `FileDescriptorProto` of this name, then all its imports; nil if there is none.
  public func files(named name: String) -> [Bytes]? {
    guard files[name] != nil else { return nil }
    var names = [name]
    var index = 0
    while index < names.count {
      names += (files[names[index]]?.imports ?? []).filter { !names.contains($0) }
      index += 1
    }
    return names.compactMap { files[$0]?.descriptor }
  }
}

extension DescriptorSet.File {
  fileprivate init(_ view: View) throws(WireError) {
    descriptor = Bytes(view)
    name = try view.text(1)
    let package = try view.text(2)
    for content in try view.contents(of: 3) { imports.append(view.string(content)) }
    for message in try view.contents(of: 4) { try add(message: view.part(message), in: package) }
    for list in try view.contents(of: 5) { try add(enumeration: view.part(list), in: package) }
    for service in try view.contents(of: 6) {
      let service = view.part(service)
      let name = try add(service, in: package)
      try add(members: 2, of: service, in: name)
      for method in try service.contents(of: 2) {
        methods.append("\(name)/\(try service.part(method).text(1))")
      }
    }
  }

  private mutating func add(message view: View, in scope: String) throws(WireError) {
    let name = try add(view, in: scope)
    messages.append(name)
    for member: UInt32 in [2, 8] { try add(members: member, of: view, in: name) }
    for nested in try view.contents(of: 3) { try add(message: view.part(nested), in: name) }
    for list in try view.contents(of: 4) { try add(enumeration: view.part(list), in: name) }
  }

  /// An enum's values are its siblings (C++ scoping).
  private mutating func add(enumeration view: View, in scope: String) throws(WireError) {
    _ = try add(view, in: scope)
    try add(members: 2, of: view, in: scope)
  }

  private mutating func add(
    members number: UInt32, of view: View, in scope: String
  ) throws(WireError) {
    for member in try view.contents(of: number) { _ = try add(view.part(member), in: scope) }
  }

  /// Adds a definition, which has its name in field 1; returns its full name.
  private mutating func add(_ view: View, in scope: String) throws(WireError) -> String {
    let name = try view.text(1)
    let symbol = scope.isEmpty ? name : "\(scope).\(name)"
    symbols.append(symbol)
    return symbol
  }
}

extension View {
  /// The content of each occurrence of a length-delimited field.
  func contents(of number: UInt32) throws(WireError) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var reader = FieldReader(self)
    while let field = try reader.next() {
      if field.number == number, field.type == .lengthDelimited { found.append(field.content) }
    }
    return found
  }

  func text(_ number: UInt32) throws(WireError) -> String {
    try contents(of: number).last.map(string) ?? ""
  }

  func string(_ content: Range<Int>) -> String {
    String(decoding: part(content), as: UTF8.self)
  }
}
