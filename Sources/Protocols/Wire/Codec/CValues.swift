import CWire
import EventModel

// Converts small values of many messages to and from protobuf-c's structures. Errors name the
// field that holds the value, as given by the caller.

func text(_ text: UnsafeMutablePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }

func bytes(_ data: ProtobufCBinaryData) -> Bytes {
  Bytes(UnsafeBufferPointer(start: data.data, count: data.len))
}

/// A required name.
func name(_ field: String, _ value: UnsafeMutablePointer<CChar>?) throws(WireError) -> Name {
  let name = Name(text(value))
  guard !name.isEmpty else { throw .missing(field) }
  return name
}

/// Throws if a text exceeds its limit.
func checkLength(_ field: String, _ text: String, _ byteCountMax: Int) throws(WireError) {
  guard text.utf8.count <= byteCountMax else {
    throw .invalid(field, "must be at most \(byteCountMax) bytes, got \(text.utf8.count)")
  }
}

/// A domain's name, required.
func domainName(_ value: UnsafeMutablePointer<CChar>?) throws(WireError) -> Name {
  try domainName(Name(text(value)))
}

private func domainName(_ domain: Name) throws(WireError) -> Name {
  guard !domain.isEmpty else { throw .missing("domain") }
  try checkLength("domain", domain.text, FieldLimits.domainByteCount)
  return domain
}

/// A repeated field's messages.
func elements<Message>(
  _ array: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int
) -> [Message] {
  // protobuf-c never leaves out an element.
  UnsafeBufferPointer(start: array, count: count).compactMap { $0?.pointee }
}

extension Root {
  init(_ uuid: Evented__UUID) throws(WireError) {
    try self.init(checking: View(start: uuid.value.data, count: uuid.value.len))
  }

  init(checking value: View) throws(WireError) {
    guard let root = Root(value) else {
      throw .invalid("value", "must be \(Root.byteCount) bytes, got \(value.count)")
    }
    self = root
  }
}

extension Cover {
  init(_ cover: Evented__Cover) throws(WireError) {
    try self.init(domain: cover.domain, root: cover.root)
  }

  /// A cover from its two fields, which some messages keep without a cover.
  init(
    domain: UnsafeMutablePointer<CChar>?, root: UnsafeMutablePointer<Evented__UUID>?
  ) throws(WireError) {
    let uuid = try root.map { root throws(WireError) in
      try at("root") { () throws(WireError) in try Root(root.pointee) }
    }
    try self.init(checking: Name(text(domain)), uuid)
  }

  init(checking domain: Name, _ root: Root?) throws(WireError) {
    let domain = try domainName(domain)
    guard let root else { throw .missing("root") }
    self.init(domain: domain, root: root)
  }

  /// A cover from the optional field `cover`.
  init?(ifGiven cover: UnsafeMutablePointer<Evented__Cover>?) throws(WireError) {
    guard let cover else { return nil }
    self = try at("cover") { () throws(WireError) in try Cover(cover.pointee) }
  }
}

extension Timestamp {
  init(_ time: Google__Protobuf__Timestamp) throws(WireError) {
    try self.init(checking: time.seconds, time.nanos)
  }

  init(checking seconds: Int64, _ nanoseconds: Int32) throws(WireError) {
    guard (0..<1_000_000_000).contains(nanoseconds) else {
      throw .invalid("nanos", "must be 0 to 999999999, got \(nanoseconds)")
    }
    // The range that the well-known type documents: years 1 to 9999.
    guard (-62_135_596_800...253_402_300_799).contains(seconds) else {
      throw .invalid("seconds", "must lie in the years 1 to 9999, got \(seconds)")
    }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// From a required field.
  init(
    required field: String, _ time: UnsafeMutablePointer<Google__Protobuf__Timestamp>?
  ) throws(WireError) {
    guard let time else { throw .missing(field) }
    self = try at(field) { () throws(WireError) in try Timestamp(time.pointee) }
  }
}

extension SequenceNumber {
  /// An event's sequence. Refuses the largest number, since none could follow it.
  static func ofEvent(_ field: String, _ value: UInt32) throws(WireError) -> SequenceNumber {
    guard value < .max else { throw .invalid(field, "must be below \(UInt32.max)") }
    return SequenceNumber(value)
  }
}

extension MessageBuilder {
  func root(_ root: Root) -> UnsafeMutablePointer<Evented__UUID> {
    let message = make(Evented__UUID.self)
    message.pointee.value = data(root.bytes)
    return message
  }

  func cover(_ cover: Cover) -> UnsafeMutablePointer<Evented__Cover> {
    let message = make(Evented__Cover.self)
    message.pointee.domain = string(cover.domain)
    message.pointee.root = root(cover.root)
    return message
  }

  func time(_ time: Timestamp) -> UnsafeMutablePointer<Google__Protobuf__Timestamp> {
    let message = make(Google__Protobuf__Timestamp.self)
    message.pointee.seconds = time.seconds
    message.pointee.nanos = time.nanoseconds
    return message
  }
}
