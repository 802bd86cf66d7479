import CWire
import EventModel
import Names

extension Evented {
  /// The cause of a command or an event.
  public struct Cause: Sendable, Equatable {
    /// The aggregate of the causing event or command.
    public var cover: Cover?
    /// The causing event's sequence.
    public var sequence: SequenceNumber
    @Bytewise public var commandID: String?
    /// The number of earlier causes in the chain, as far as sagas count them.
    public var depth: UInt32

    public init(
      cover: Cover?, sequence: SequenceNumber = .first, commandID: String? = nil,
      depth: UInt32 = 0
    ) {
      self.cover = cover
      self.sequence = sequence
      self.commandID = commandID
      self.depth = depth
    }
  }

  /// The content of `Origin.annotations`: cause and headers. They have the same field numbers in
  /// command books and event books, so they pass from one to the other unchanged.
  public struct Annotations: Sendable, Equatable {
    public var cause: Cause?
    public var headers: [Name: String]

    public init(cause: Cause? = nil, headers: [Name: String] = [:]) {
      self.cause = cause
      self.headers = headers
    }

    public init(_ origin: Origin) throws(WireError) {
      self = try unpack(Evented__EventBook.self, origin.annotations) {
        message throws(WireError) in
        var read = Annotations()
        if let cause = message.pointee.cause {
          read.cause = try at("cause") { () throws(WireError) in try Cause(cause.pointee) }
        }
        for header in elements(message.pointee.headers, message.pointee.n_headers) {
          read.headers[Name(text(header.key))] = text(header.value)
        }
        return read
      }
    }

    /// The value of `Origin.annotations`; headers are sorted by name.
    public var wireFields: Bytes {
      pack(Evented__EventBook.self) { builder, book in
        if let cause { book.cause = cause.made(by: builder) }
        var entries: [UnsafeMutablePointer<Evented__EventBook__HeadersEntry>] = []
        for (key, value) in headers.sorted(by: { $0.key < $1.key }) {
          let entry = builder.make(Evented__EventBook__HeadersEntry.self)
          entry.pointee.key = builder.string(key)
          entry.pointee.value = builder.string(value)
          entries.append(entry)
        }
        book.n_headers = entries.count
        book.headers = builder.array(entries)
      }
    }
  }
}

extension Origin {
  public init(correlation: String = "", _ annotations: Evented.Annotations) {
    self.init(correlation: correlation, annotations: annotations.wireFields)
  }
}

extension Evented.Cause {
  /// The cause in an origin's annotations, whose wire form was checked; nil if there is none.
  public init?(in origin: Origin) throws(WireError) {
    guard let cause = try Self.find(in: origin.annotations) else { return nil }
    self = cause
  }

  static func find(in annotations: Bytes) throws(WireError) -> Evented.Cause? {
    if annotations.isEmpty { return nil }
    return try annotations.withUnsafeBufferPointer { (view) throws(WireError) in
      var reader = FieldReader(view)
      while let field = try reader.next() {
        guard field.number == 18 else { continue }
        return try at("cause") { () throws(WireError) in
          try unpackChecked(Evented__Cause.self, view.part(field.content)) {
            message throws(WireError) in try Evented.Cause(message.pointee)
          }
        }
      }
      return nil
    }
  }

  fileprivate init(_ cause: Evented__Cause) throws(WireError) {
    let id = text(cause.command_id)
    self.init(
      cover: try Cover(ifGiven: cause.cover), sequence: SequenceNumber(cause.sequence),
      commandID: id.isEmpty ? nil : id, depth: cause.depth)
  }

  fileprivate func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Evented__Cause> {
    let cause = builder.make(Evented__Cause.self)
    if let cover { cause.pointee.cover = builder.cover(cover) }
    cause.pointee.sequence = sequence.rawValue
    cause.pointee.command_id = builder.string(commandID ?? "")
    cause.pointee.depth = depth
    return cause
  }
}
