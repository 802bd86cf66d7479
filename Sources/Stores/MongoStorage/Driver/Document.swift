import CMongoC
import EventModel

// Swift cannot see the layout of `bson_t`, so we allocate 128 bytes with an alignment of 128,
// which libbson asserts in bson-types.h.
private let structureSize = 128

extension BSONDocument {
  /// Passes the document as a read-only `bson_t`, without copying it into libbson's memory.
  func withHandle<Outcome, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    let list = DocumentList([self])
    defer { withExtendedLifetime(list) {} }
    return try body(list.handle(0))
  }

  /// Copies the content of a `bson_t`.
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

/// Documents in one buffer, each with a `bson_t` that refers to it.
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

  // A static `bson_t` owns nothing that `bson_destroy` would free.
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

/// A document that libmongoc fills in, such as a command's reply.
///
/// - Parameter body: fills it in; returns true on success.
func withReply(
  _ body: (_ reply: OpaquePointer, _ error: inout bson_error_t) -> Bool
) -> (reply: BSONDocument, error: bson_error_t?) {
  withUnsafeTemporaryAllocation(byteCount: structureSize, alignment: structureSize) { memory in
    let reply = OpaquePointer(memory.baseAddress)
    guard let reply else { preconditionFailure("memory that was asked for is there") }
    // Every function that takes a reply initializes it, even on failure.
    var error = bson_error_t()
    let isDone = body(reply, &error)
    defer { bson_destroy(reply) }
    return (BSONDocument(copying: reply), isDone ? nil : error)
  }
}
