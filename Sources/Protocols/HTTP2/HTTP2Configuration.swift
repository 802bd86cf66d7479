/// The limits of one session. nghttp2 has no sensible default for most.
public struct HTTP2Configuration: Sendable {
  /// Streams that the peer may have open (RFC 9113 section 5.1.2).
  public var concurrentStreamsMax: Int
  /// A header block that decompresses to this many times `headerBytesMax` ends the connection,
  /// with ENHANCE_YOUR_CALM.
  static let headerExcessMax = 4

  /// Names and values of one header block, with 32 bytes for each field (section 6.5.2).
  public var headerBytesMax: Int
  /// Unconsumed bytes of one stream (section 6.9).
  public var streamWindowBytes: Int
  /// Unconsumed bytes of all streams.
  public var connectionWindowBytes: Int
  /// Streams that the peer may reset, or cause to be reset by protocol errors, in one burst, and
  /// then each second (CVE-2023-44487, CVE-2025-8671).
  public var resetBurst: Int
  public var resetsEachSecond: Int
  /// CONTINUATION frames of one header block (CVE-2024-28182).
  public var continuationsMax: Int
  /// Entries of one SETTINGS frame (CVE-2020-11080).
  public var settingsEntriesMax: Int
  /// Unsent answers to PING and SETTINGS (CVE-2019-9512).
  public var unreadAnswersMax: Int
  /// Frames in a row without a request, data, or anything sent in between (CVE-2019-9518, and
  /// other floods of meaningless frames).
  public var idleFramesMax: Int
  /// Bytes in a row in the same way. Frames of unknown types count only as bytes.
  public var idleBytesMax: Int

  public init(
    concurrentStreamsMax: Int = 100, headerBytesMax: Int = 16 << 10,
    streamWindowBytes: Int = 256 << 10, connectionWindowBytes: Int = 4 << 20,
    resetBurst: Int = 1000, resetsEachSecond: Int = 33, continuationsMax: Int = 8,
    settingsEntriesMax: Int = 32,
    unreadAnswersMax: Int = 1000, idleFramesMax: Int = 10_000, idleBytesMax: Int = 16 << 20
  ) {
    self.concurrentStreamsMax = concurrentStreamsMax
    self.headerBytesMax = headerBytesMax
    self.streamWindowBytes = streamWindowBytes
    self.connectionWindowBytes = connectionWindowBytes
    self.resetBurst = resetBurst
    self.resetsEachSecond = resetsEachSecond
    self.continuationsMax = continuationsMax
    self.settingsEntriesMax = settingsEntriesMax
    self.unreadAnswersMax = unreadAnswersMax
    self.idleFramesMax = idleFramesMax
    self.idleBytesMax = idleBytesMax
  }
}
