/// The bounds of one session, as its owner sets them: nghttp2 has no sensible default for most.
public struct HTTP2Configuration: Sendable {
  /// Streams that the peer may have open (RFC 9113 section 5.1.2).
  public var concurrentStreamsMax: Int
  /// Names and values of one header block, with 32 bytes for each field (section 6.5.2).
  public var headerBytesMax: Int
  /// What the peer may send on one stream before it is consumed (section 6.9).
  public var streamWindowBytes: Int
  /// What the peer may send on all streams before it is consumed.
  public var connectionWindowBytes: Int
  /// Streams that the peer may reset in one burst, and then each second (CVE-2023-44487).
  public var resetBurst: Int
  public var resetsEachSecond: Int
  /// CONTINUATION frames of one header block (CVE-2024-28182).
  public var continuationsMax: Int
  /// Entries of one SETTINGS frame (CVE-2020-11080).
  public var settingsEntriesMax: Int
  /// Answers to PING and SETTINGS that may wait (CVE-2019-9512).
  public var unreadAnswersMax: Int

  public init(
    concurrentStreamsMax: Int = 100, headerBytesMax: Int = 16 << 10,
    streamWindowBytes: Int = 256 << 10, connectionWindowBytes: Int = 4 << 20,
    resetBurst: Int = 1000, resetsEachSecond: Int = 33, continuationsMax: Int = 8,
    settingsEntriesMax: Int = 32,
    unreadAnswersMax: Int = 1000
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
  }
}
