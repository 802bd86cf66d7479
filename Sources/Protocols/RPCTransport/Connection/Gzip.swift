import CZlib
import RPC

/// Compresses messages with gzip (RFC 1952), by zlib.
enum Gzip {
  /// zlib: 15 bits of window, plus 16 for gzip's header and trailer (`deflateInit2`).
  private static let windowBits: Int32 = 15 + 16
  private static let streamSize = Int32(MemoryLayout<z_stream>.size)

  static func compress(_ message: Message) -> Message {
    var stream = z_stream()
    var result = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      streamSize)
    precondition(result == Z_OK, "there is no memory to compress a message")
    defer { deflateEnd(&stream) }
    // With room for the bound, one call compresses everything.
    let countMax = Int(deflateBound(&stream, UInt(message.count)))
    return Message(unsafeUninitializedCapacity: countMax) { output, count in
      message.withUnsafeBufferPointer { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        result = deflate(&stream, Z_FINISH)
      }
      precondition(result == Z_STREAM_END, "zlib's bound holds what it compresses")
      count = output.count - Int(stream.avail_out)
    }
  }

  /// Throws INTERNAL if the bytes are not gzip, and RESOURCE_EXHAUSTED as soon as the output
  /// exceeds the limit, so that a small message never expands to unbounded memory.
  static func decompress(_ message: Message, countMax: Int) throws(RPCStatus) -> Message {
    var stream = z_stream()
    guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, streamSize) == Z_OK else {
      throw RPCStatus(.resourceExhausted, "there is no memory to decompress a message")
    }
    defer { inflateEnd(&stream) }
    var body: Message = []
    let result = message.withUnsafeBufferPointer { input in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = UInt32(input.count)
      var result = Z_OK
      while result == Z_OK, body.count <= countMax {
        result = grow(&body, by: &stream)
      }
      return result
    }
    if let tooLong = RPCStatus(tooLong: body.count, limit: countMax) { throw tooLong }
    guard result == Z_STREAM_END, stream.avail_in == 0 else {
      throw RPCStatus(.internal, "a message is announced as gzip, and is not")
    }
    return body
  }

  private static func grow(_ body: inout Message, by stream: inout z_stream) -> Int32 {
    var result = Z_OK
    body += Message(unsafeUninitializedCapacity: 16 << 10) { room, count in
      stream.next_out = room.baseAddress
      stream.avail_out = UInt32(room.count)
      result = inflate(&stream, Z_NO_FLUSH)
      count = room.count - Int(stream.avail_out)
    }
    return result
  }
}
