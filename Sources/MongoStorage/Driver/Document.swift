import CMongoC
import EventModel

/// A document as libmongoc takes it, `bson_t`: on the heap, since its layout does not reach Swift.
final class Document {
  let handle: OpaquePointer

  init(_ document: BSONDocument) {
    guard let handle = bson_new_from_data(document.bytes, document.bytes.count) else {
      preconditionFailure("a document that was built here has a length in front and a zero behind")
    }
    self.handle = handle
  }

  deinit { bson_destroy(handle) }
}

/// Room for a document that libmongoc fills in, such as a command's reply.
///
/// What fills it in takes it for memory of the caller's own, so it is not `bson_new`'s: the
/// structure is ours, and what hangs on it libbson's.
final class Reply {
  /// `sizeof (bson_t)` and its alignment, which libbson asserts in bson-types.h.
  private static let size = 128

  let handle: OpaquePointer
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = UnsafeMutableRawPointer.allocate(byteCount: Self.size, alignment: Self.size)
    handle = OpaquePointer(memory)
    bson_init(handle)
  }

  deinit {
    bson_destroy(handle)
    memory.deallocate()
  }

  /// A copy of what was filled in.
  var contents: BSONDocument { BSONDocument(document: handle) }
}

extension BSONDocument {
  /// Copies what a `bson_t` holds.
  init(document: OpaquePointer) {
    guard let start = bson_get_data(document) else {
      self.init()
      return
    }
    // Every document begins with its length; libbson has checked it.
    let length = UnsafeRawPointer(start).loadUnaligned(as: Int32.self)
    self.init(UnsafeBufferPointer(start: start, count: Int(Int32(littleEndian: length))))
  }
}
