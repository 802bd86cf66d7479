import EventModel

// Reflection for clients.

extension GRPCReflectionV1.Request.Question: WireEncodable {
  /// A request with this question.
  public var wireBytes: Bytes {
    var writer = FieldWriter()
    switch self {
    case .file(let name): writer.field(3, Bytes(name.utf8))
    case .symbol(let symbol): writer.field(4, Bytes(symbol.utf8))
    case .extension(let type, let number):
      var asked = FieldWriter()
      asked.text(1, type)
      asked.number(2, UInt64(bitPattern: Int64(number)))
      writer.field(5, asked.bytes)
    case .extensionNumbers(let type): writer.field(6, Bytes(type.utf8))
    case .services: writer.field(7, [])
    }
    return writer.bytes
  }
}

extension GRPCReflectionV1 {
  /// The answer to a question for files: a `FileDescriptorProto` each; empty if there are none.
  public struct FileAnswer: WireDecodable, Equatable {
    public let files: [Bytes]

    public init(wireBytes: Bytes) throws(WireError) {
      files = try wireBytes.withUnsafeBufferPointer { (view) throws(WireError) in
        var files: [Bytes] = []
        for answer in try view.contents(of: 4) {
          let answer = view.part(answer)
          for file in try answer.contents(of: 1) { files.append(Bytes(answer.part(file))) }
        }
        return files
      }
    }
  }
}
