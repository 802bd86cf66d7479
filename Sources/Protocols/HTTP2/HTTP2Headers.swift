import CNGHTTP2

/// Header fields to send, in one block of bytes, after those of an optional template.
///
/// Names must be in lower case (RFC 9113 section 8.2.1); nghttp2 does not check outgoing fields.
public struct HTTP2Headers: Sendable {
  /// For each field: the lengths of name and value (four bytes each), whether header compression
  /// may index it (one byte), name, value.
  private var block: [UInt8] = []
  private var count = 0
  /// Precedes the block.
  let template: Template?

  public init() { template = nil }

  /// Only the template's fields.
  public init(_ template: Template) { self.template = template }

  public init(_ fields: KeyValuePairs<StaticString, String>) {
    self.init()
    for (name, value) in fields { append(name, value) }
  }

  /// Names and values plus 32 bytes for each field, as header block limits count (RFC 9113 section
  /// 6.5.2).
  public var listBytes: Int { block.count + 23 * count + (template?.listBytes ?? 0) }

  /// Adds a field. Do not index values that change each time, which waste space in both peers'
  /// tables, or secrets (RFC 7541 section 7.1.3).
  public mutating func append(_ name: StaticString, _ value: String, isIndexed: Bool = true) {
    let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    var value = value
    value.withUTF8 { append(name, $0, isIndexed: isIndexed) }
  }

  public mutating func append(_ name: StaticString, _ value: [UInt8]) {
    let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    value.withUnsafeBufferPointer { append(name, $0) }
  }

  public mutating func append(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, isIndexed: Bool = true
  ) {
    let room = 9 + name.count + value.count
    if block.isEmpty { block.reserveCapacity(max(room, 64)) }
    count += 1
    withUnsafeBytes(of: UInt32(name.count)) { block.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt32(value.count)) { block.append(contentsOf: $0) }
    block.append(isIndexed ? 1 : 0)
    block.append(contentsOf: name)
    block.append(contentsOf: value)
  }

  /// Passes the fields in nghttp2's form. nghttp2 copies the block's fields at once, so they end
  /// with the closure; it reads the template's until they are sent.
  func withFields<Result>(
    _ body: (UnsafeMutablePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    let before = template?.fields.count ?? 0
    if count == 0, let template { return body(template.fields.baseAddress, before) }
    return block.withUnsafeBytes { block in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: before + count) { fields in
        for index in 0..<before {
          fields.initializeElement(at: index, to: template!.fields[index])
        }
        Self.read(block, NGHTTP2_NV_FLAG_NONE, into: fields.dropFirst(before))
        return body(fields.baseAddress, before + count)
      }
    }
  }

  private static func read(
    _ block: UnsafeRawBufferPointer, _ flags: nghttp2_nv_flag,
    into fields: Slice<UnsafeMutableBufferPointer<nghttp2_nv>>
  ) {
    // nghttp2 declares the bytes mutable for C's sake and never writes to them.
    let bytes = UnsafeMutableRawBufferPointer(mutating: block)
    var at = 0
    for index in fields.indices {
      let name = Int(block.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      let value = Int(block.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
      let indexing = block[at + 8] == 1 ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX
      let start = bytes.baseAddress?.advanced(by: at + 9).assumingMemoryBound(to: UInt8.self)
      fields.base.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: start, value: start.map { $0 + name }, namelen: name, valuelen: value,
          flags: UInt8(flags.rawValue | indexing.rawValue)))
      at += 9 + name + value
    }
  }
}

extension HTTP2Headers {
  /// Common leading fields of many blocks: made once, and never copied.
  ///
  /// A stream holds the template that it is sending, since nghttp2 only points to it.
  ///
  /// `@unchecked Sendable`: immutable after `init`.
  public final class Template: @unchecked Sendable {
    private let bytes: UnsafeMutableRawBufferPointer
    let listBytes: Int
    let fields: UnsafeMutableBufferPointer<nghttp2_nv>

    public init(_ headers: HTTP2Headers) {
      precondition(headers.template == nil, "a template is made of its own fields only")
      bytes = .allocate(byteCount: headers.block.count, alignment: 1)
      bytes.copyBytes(from: headers.block)
      listBytes = headers.listBytes
      fields = .allocate(capacity: headers.count)
      let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
      HTTP2Headers.read(
        UnsafeRawBufferPointer(bytes), nghttp2_nv_flag(flags), into: fields[fields.indices])
    }

    deinit {
      fields.deallocate()
      bytes.deallocate()
    }
  }
}
