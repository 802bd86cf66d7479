import CNGHTTP2

/// Header fields to be sent, in one block of bytes.
///
/// Names are in lower case (RFC 9113 section 8.2.1); nghttp2 checks nothing on the way out.
public struct HTTP2Headers: Sendable {
  private var bytes: [UInt8] = []
  private var lengths: [(name: Int32, value: Int32)] = []

  public init() {}

  public init(_ fields: KeyValuePairs<StaticString, String>) {
    for (name, value) in fields { append(name, value) }
  }

  public mutating func append(_ name: StaticString, _ value: String) {
    lengths.append((Int32(name.utf8CodeUnitCount), Int32(value.utf8.count)))
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(contentsOf: value.utf8)
  }

  public mutating func append(
    _ name: some Collection<UInt8>, _ value: some Collection<UInt8>
  ) {
    lengths.append((Int32(name.count), Int32(value.count)))
    bytes.append(contentsOf: name)
    bytes.append(contentsOf: value)
  }

  /// The fields as nghttp2 wants them. It copies them at once, so nothing outlives the closure.
  func withFields<Result>(
    _ body: (UnsafeMutablePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: lengths.count) { fields in
        // nghttp2 declares the bytes mutable for C's sake and never writes to them.
        var at = UnsafeMutablePointer(mutating: bytes.baseAddress)
        for (index, length) in lengths.enumerated() {
          let value = at.map { $0 + Int(length.name) }
          fields.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: at, value: value, namelen: Int(length.name), valuelen: Int(length.value),
              flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
          at = value.map { $0 + Int(length.value) }
        }
        return body(fields.baseAddress, lengths.count)
      }
    }
  }
}
