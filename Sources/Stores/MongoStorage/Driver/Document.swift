import CMongoC
import EventModel

// `bson_t` does not reach Swift, so the room for one is ours: 128 bytes, aligned to as many, which
// libbson asserts in bson-types.h.
private let structureSize = 128

extension BSONDocument {
  /// The document as libmongoc takes it, `bson_t`: read-only and in place.
  func withHandle<Outcome, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    let list = DocumentList([self])
    defer { withExtendedLifetime(list) {} }
    return try body(list.handle(0))
  }

  /// Copies what a `bson_t` holds.
  init(copying handle: OpaquePointer) {
    guard let start = bson_get_data(handle) else {
      self.init()
      return
    }
    // Every document begins with its length; libbson has checked it.
    let length = UnsafeRawPointer(start).loadUnaligned(as: Int32.self)
    self.init(UnsafeBufferPointer(start: start, count: Int(Int32(littleEndian: length))))
  }
}

/// Documents side by side in one buffer, each as a `bson_t` in place.
final class DocumentList {
  let count: Int
  private let bytes: UnsafeMutableRawBufferPointer
  private let structures: UnsafeMutableRawPointer

  init(_ documents: [BSONDocument]) {
    count = documents.count
    bytes = .allocate(byteCount: documents.reduce(0) { $0 + $1.bytes.count }, alignment: 8)
    structures = .allocate(
      byteCount: max(1, count) * structureSize, alignment: structureSize)
    var offset = 0
    for (index, document) in documents.enumerated() {
      let place = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
      place.copyBytes(from: document.bytes)
      let isDocument = bson_init_static(
        handle(index), place.baseAddress?.assumingMemoryBound(to: UInt8.self),
        document.bytes.count)
      precondition(isDocument, "what was built here has a length in front and a zero behind")
      offset += document.bytes.count
    }
  }

  // What is static holds nothing that `bson_destroy` would free.
  deinit {
    bytes.deallocate()
    structures.deallocate()
  }

  fileprivate func handle(_ index: Int) -> OpaquePointer {
    OpaquePointer(structures + index * structureSize)
  }

  func withHandles<Outcome>(
    _ body: (UnsafeMutableBufferPointer<OpaquePointer?>) -> Outcome
  ) -> Outcome {
    var handles = (0..<count).map { Optional(handle($0)) }
    return handles.withUnsafeMutableBufferPointer { body($0) }
  }
}

/// What libmongoc fills in, such as a command's reply.
///
/// - Parameter body: fills it in, and says whether there is no error.
func withReply(
  _ body: (_ reply: OpaquePointer, _ error: inout bson_error_t) -> Bool
) -> (reply: BSONDocument, error: bson_error_t?) {
  withUnsafeTemporaryAllocation(byteCount: structureSize, alignment: structureSize) { memory in
    let reply = OpaquePointer(memory.baseAddress)
    guard let reply else { preconditionFailure("memory that was asked for is there") }
    // Every function that takes a reply initializes it, also where it fails.
    var error = bson_error_t()
    let isDone = body(reply, &error)
    defer { bson_destroy(reply) }
    return (BSONDocument(copying: reply), isDone ? nil : error)
  }
}
