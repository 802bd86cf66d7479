import HTTP2
import NIOCore
import RPC

extension TimeAmount {
  /// Clamped to 292 years.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000)
    self = .nanoseconds(overflow || carry ? .max / 2 : min(sum, .max / 2))
  }
}

extension HTTP2Configuration {
  init(_ limits: RPCLimits) {
    self.init(
      concurrentStreamsMax: limits.concurrentStreamsMax, headerBytesMax: limits.headerBytesMax,
      streamWindowBytes: limits.streamWindowBytes,
      connectionWindowBytes: limits.connectionWindowBytes, resetBurst: limits.resetBurst,
      resetsEachSecond: limits.resetsEachSecond, continuationsMax: limits.continuationsMax,
      settingsEntriesMax: limits.settingsEntriesMax,
      unreadAnswersMax: limits.unreadAnswersMax, idleFramesMax: limits.idleFramesMax,
      idleBytesMax: limits.idleBytesMax)
  }
}

extension HTTP2Headers {
  mutating func append(_ metadata: Metadata) {
    metadata.forEachOnWire { name, value in
      append(name, value, isIndexed: !name.equals("authorization") && !name.equals("traceparent"))
    }
  }

  /// Adds the status's fields (gRPC, `doc/PROTOCOL-HTTP2.md`, Trailers).
  mutating func append(_ status: RPCStatus) {
    append("grpc-status", String(status.code.rawValue))
    if !status.message.isEmpty {
      append(
        "grpc-message",
        PercentEncoding.encode(status.message, countMax: RPCLimits.statusMessageBytesMax))
    }
    append(status.metadata)
  }
}

extension HTTP2Stream {
  /// Sends one message with its prefix; throws RESOURCE_EXHAUSTED if its length exceeds the
  /// prefix.
  func write(message: Message, _ compression: Compression) throws(RPCStatus) {
    let isCompressed = compression == .gzip
    let body = isCompressed ? Gzip.compress(message) : message
    let prefix = try MessagePrefix(messageCount: body.count, isCompressed: isCompressed)
    write(lead: prefix.bytes, leadCount: MessagePrefix.count, body)
  }
}
