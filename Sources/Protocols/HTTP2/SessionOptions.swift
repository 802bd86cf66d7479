import CNGHTTP2

extension HTTP2Configuration {
  /// Calls with nghttp2's options for this configuration.
  func withOptions<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    var created: OpaquePointer?
    guard nghttp2_option_new(&created) == 0, let options = created else {
      fatalError("there is no memory for the options of an HTTP/2 session")
    }
    defer { nghttp2_option_del(options) }
    // Backpressure: the window is returned when a message is taken, not when it arrives.
    nghttp2_option_set_no_auto_window_update(options, 1)
    // nghttp2 would keep closed streams for its priority tree, which is unused here, and to detect
    // frames after a request's end, which `EndedStreams` does in less memory.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_stream_reset_rate_limit(
      options, UInt64(clamping: resetBurst), UInt64(clamping: resetsEachSecond))
    nghttp2_option_set_max_continuations(options, continuationsMax)
    nghttp2_option_set_max_settings(options, settingsEntriesMax)
    nghttp2_option_set_max_outbound_ack(options, unreadAnswersMax)
    return body(options)
  }
}
