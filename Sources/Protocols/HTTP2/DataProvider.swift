import CNGHTTP2

extension HTTP2Session {
  /// Provides a stream's data to nghttp2, which asks how much there is, and then has it written
  /// directly into the output.
  static func dataProvider(of stream: HTTP2Stream) -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
    provider.read_callback = onDataWanted
    return provider
  }
}

private func onDataWanted(
  handle: OpaquePointer?, id: Int32, buffer: UnsafeMutablePointer<UInt8>?, countMax: Int,
  flags: UnsafeMutablePointer<UInt32>?, source: UnsafeMutablePointer<nghttp2_data_source>?,
  user: UnsafeMutableRawPointer?
) -> Int {
  lend(source?.pointee.ptr) { (stream: HTTP2Stream) in
    let count = min(stream.outgoing.count, countMax)
    let isLast = stream.end != nil && count == stream.outgoing.count
    if count == 0, !isLast {
      stream.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    var flag = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    if isLast {
      flag |= NGHTTP2_DATA_FLAG_EOF.rawValue
      if case .trailers(let trailers)? = stream.end {
        // The trailers carry END_STREAM, so the data must not.
        flag |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        let result = trailers.withFields { nghttp2_submit_trailer(handle, id, $0, $1) }
        if result != 0 { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      }
    }
    flags?.pointee |= flag
    return count
  }
}

/// Writes one DATA frame: the nine-byte head from nghttp2, and the data. nghttp2 calls again for a
/// frame that was refused because the output is full.
func onSendData(
  handle: OpaquePointer?, frame: UnsafeMutablePointer<nghttp2_frame>?,
  head: UnsafePointer<UInt8>?, count: Int, source: UnsafeMutablePointer<nghttp2_data_source>?,
  user: UnsafeMutableRawPointer?
) -> Int32 {
  lend(source?.pointee.ptr) { (stream: HTTP2Stream) in
    guard let session = stream.session, let output = session.output else {
      return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
    if output.count >= session.outputWanted { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
    output.append(UnsafeRawBufferPointer(start: head, count: 9))
    stream.outgoing.move(count, to: output)
    stream.sentData()
    return 0
  }
}
