import Avro
import EventModel
import RPC
import Wire

/// Encodes for HTTP: the records of `functions.avsc`, in Avro's binary encoding.
///
/// Written field by field for speed, since each command passes through here. Payloads are copied
/// unchanged.
public struct AvroFunctionMessages: FunctionMessages {
  /// Defined by Avro's specification ("HTTP as Transport").
  public static let mediaType = "avro/binary"

  public init() {}

  public func handleRequest(
    _ command: Command, state: Bytes?, next: SequenceNumber
  ) throws -> Message {
    let book = try Evented.CommandBook(wireBytes: command.encoded)
    var writer = BinaryWriter()
    writer.write(book.cover)
    try writer.write(array: book.pages) { page, writer in
      writer.write(optional: page.entity?.text)
      writer.write(try Payload(wireBytes: page.command))
      writer.write(page.synchronous)
    }
    try writer.write(state: state)
    writer.write(long: Int64(next.rawValue))
    writer.write(optional: book.commandID)
    writer.write(book.origin.correlation)
    let headers = try Evented.Annotations(book.origin).headers.sorted { $0.key < $1.key }
    writer.write(array: headers) { header, writer in
      writer.write(header.key.text)
      writer.write(header.value)
    }
    return writer.bytes
  }

  public func pages(inHandleResponse answer: Message) throws -> [ProposedPage] {
    var reader = BinaryReader(answer)
    var pages: [ProposedPage] = []
    try reader.blocks { reader, index throws(AvroError) in
      try at("events[\(index)]") { () throws(AvroError) in
        let entity = try at("entity") { () throws(AvroError) in try reader.entity() }
        let event = try at("payload") { () throws(AvroError) in try reader.payload() }
        let synchronous = try at("synchronous") { () throws(AvroError) in try reader.boolean() }
        pages.append(ProposedPage(synchronous: synchronous, body: event.pageBody(of: entity)))
      }
    }
    try reader.end()
    return pages
  }

  public func applyRequest(
    _ pages: PageBlock, of cover: Cover, state: Bytes?
  ) throws -> Message {
    var writer = BinaryWriter()
    writer.write(cover)
    try writer.write(array: pages.pages) { page, writer in
      writer.write(optional: page.entity?.text)
      writer.write(try Payload(pageBody: page.body))
      writer.write(long: Int64(page.sequence.rawValue))
      writer.write(long: page.createdAt.microseconds)
    }
    try writer.write(state: state)
    return writer.bytes
  }

  public func state(inApplyResponse answer: Message) throws -> OutriderV1.AggregateState {
    var reader = BinaryReader(answer)
    let state = try at("state") { () throws(AvroError) in try reader.state() }
    try reader.end()
    return state
  }
}

/// Runs the body; prefixes its errors with the field.
private func at<Value>(
  _ field: @autoclosure () -> String, _ body: () throws(AvroError) -> Value
) throws(AvroError) -> Value {
  do { return try body() } catch { throw error.within(field()) }
}

extension BinaryWriter {
  fileprivate mutating func write(_ text: String) { write(counted: text.utf8) }

  fileprivate mutating func write(_ value: Bool) { write(byte: value ? 1 : 0) }

  /// Writes a union of null and a string.
  fileprivate mutating func write(optional text: String?) {
    write(long: text == nil ? 0 : 1)
    if let text { write(text) }
  }

  /// Writes an array in one block, or a map, whose entries are written key first.
  fileprivate mutating func write<Element>(
    array elements: [Element], _ item: (Element, inout BinaryWriter) throws -> Void
  ) rethrows {
    if !elements.isEmpty {
      write(long: Int64(elements.count))
      for element in elements { try item(element, &self) }
    }
    write(long: 0)
  }

  fileprivate mutating func write(_ cover: Cover) {
    write(cover.domain.text)
    write(cover.root.description)
  }

  fileprivate mutating func write(_ payload: Payload) {
    write(payload.typeURL)
    write(counted: payload.value)
  }

  /// Writes a union of null and an `AggregateState`, given in protobuf's wire form.
  fileprivate mutating func write(state: Bytes?) throws {
    guard let state else { return write(long: 0) }
    let aggregate = try OutriderV1.AggregateState(wireBytes: state)
    write(long: 1)
    write(long: aggregate.root == nil ? 0 : 1)
    if let root = aggregate.root { write(try Payload(wireBytes: root)) }
    let members = aggregate.members.sorted { $0.key < $1.key }
    try write(array: members) { member, writer in
      writer.write(member.key.text)
      writer.write(try Payload(wireBytes: member.value))
    }
  }
}

extension BinaryReader {
  fileprivate mutating func text() throws(AvroError) -> String {
    String(decoding: try string(), as: UTF8.self)
  }

  /// Reads a union of null and a member's name.
  fileprivate mutating func entity() throws(AvroError) -> Name? {
    try index(below: 2) == 0 ? nil : try member()
  }

  fileprivate mutating func member() throws(AvroError) -> Name {
    let text = try text()
    do throws(WireError) { return try Name(member: text) } catch { throw AvroError(error.problem) }
  }

  fileprivate mutating func payload() throws(AvroError) -> Payload {
    let type = try text()
    guard !type.isEmpty else {
      throw AvroError("must name a type, such as avro/bank.Deposited", at: "type")
    }
    return Payload(typeURL: type, value: Bytes(try counted()))
  }

  fileprivate mutating func state() throws(AvroError) -> OutriderV1.AggregateState {
    var state = OutriderV1.AggregateState()
    if try index(below: 2) == 1 { state.root = try payload().wireBytes }
    try blocks { reader, _ throws(AvroError) in
      let name = try at("members") { () throws(AvroError) in try reader.member() }
      state.members[name] = try reader.payload().wireBytes
    }
    return state
  }

  /// Throws if bytes follow.
  fileprivate func end() throws(AvroError) {
    guard isAtEnd else { throw AvroError("bytes follow the record") }
  }
}

extension Timestamp {
  fileprivate var microseconds: Int64 { seconds &* 1_000_000 &+ Int64(nanoseconds) / 1000 }
}
