import HTTP2
import NIOCore
import RPC

/// One call of a client, from the wait for a connection to its status. Subclasses are the two ways
/// to wait for an answer.
///
/// `@unchecked Sendable`: all but the constants is touched only on the loop's thread.
class ClientStream: HTTP2Stream, Timed, @unchecked Sendable {
  let picker: ConnectionPicker
  let method: Method
  let options: CallOptions
  final var loop: LoopExecutor { picker.loop }
  private final var connection: ClientConnection?

  final var head = ResponseHead()
  private(set) final var deframer: MessageDeframer
  /// The call's status; nil before its end.
  private(set) final var finalStatus: RPCStatus?
  /// True if the call ended before a server saw it, on a connection that is closing.
  private(set) final var isUnseen = false
  private final var timer: CallTimers.Ticket?

  init(
    _ picker: ConnectionPicker, _ method: Method, _ options: CallOptions, _ limits: RPCLimits
  ) {
    self.picker = picker
    self.method = method
    self.options = options
    deframer = MessageDeframer(messageBytesMax: options.messageSizeMax ?? limits.messageBytesMax)
  }

  // MARK: For subclasses

  /// The stream is open: send pending data.
  func opened() {}
  /// The response's headers arrived, and messages may follow.
  func receivedInitialMetadata() {}
  /// A message arrived. The subclass consumes its bytes.
  func received(_ message: Message) {}
  /// Bytes arrived that count against the window.
  func receivedBytes(_ count: Int) {}
  /// The call ended. Called once; returns the status for the caller.
  func ended(_ status: RPCStatus) {}

  // MARK: The call's life

  /// Starts the call, on the loop.
  final func start() {
    guard finalStatus == nil else { return }
    if let remaining = options.deadline.remaining {
      guard remaining > .zero else { return end(.deadlinePassed) }
      timer = loop.timers.set(self, in: TimeAmount(remaining))
    }
    picker.start(self)
  }

  /// Opens the stream on a connection.
  final func open(on connection: ClientConnection) {
    guard finalStatus == nil else { return }
    self.connection = connection
    guard connection.session.open(self, headers(to: connection.keeper)) else {
      // Out of stream numbers, or closing: the next connection takes the call.
      connection.sessionReceivedGoAway(lastStreamID: 0, .noError)
      isUnseen = true
      return end(.lost(connection, isNeverProcessed: true))
    }
    opened()
  }

  /// Ends the call, unless it had ended, and its stream if still open.
  final func end(_ status: RPCStatus) {
    guard finalStatus == nil else { return }
    finalStatus = status
    if let timer = timer.take() { loop.timers.callOff(timer, of: self) }
    if isOpen { reset(.cancel) } else { picker.forget(self) }
    ended(status)
  }

  final func timeIsUp() { end(.deadlinePassed) }

  private func headers(to keeper: ConnectionKeeper) -> HTTP2Headers {
    var headers = HTTP2Headers(keeper.requestHeaders.template(method))
    if let remaining = options.deadline.remaining {
      headers.append("grpc-timeout", Timeout.format(remaining), isIndexed: false)
    }
    if options.compression == .gzip { headers.append("grpc-encoding", "gzip") }
    if !options.metadata.isEmpty { headers.append(options.metadata) }
    return headers
  }

  // MARK: Input

  override final func receivedHeader(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    head.add(name: name, value: value)
  }

  override final func receivedTooManyHeaderBytes() {
    head.exceed(limit: picker.configuration.limits.headerBytesMax)
  }

  override final func receivedHeaderBlock() {
    guard finalStatus == nil else { return }
    let isFirst = head.completeBlock()
    if let failure = head.failure { return end(failure) }
    if isFirst {
      deframer.encoding = head.encoding
      receivedInitialMetadata()
    }
  }

  override final func receivedData(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard finalStatus == nil else { return }
    var rest = bytes
    do {
      while let message = try deframer.next(from: &rest) {
        received(deframer.isCompressed ? try decompress(message) : message)
      }
    } catch {
      return end(error)
    }
    receivedBytes(bytes.count)
  }

  private func decompress(_ message: Message) throws(RPCStatus) -> Message {
    try Gzip.decompress(
      message, countMax: options.messageSizeMax ?? picker.configuration.limits.messageBytesMax)
  }

  override final func receivedEnd() {
    guard finalStatus == nil else { return }
    guard deframer.isBetweenMessages || head.status.code != .ok else {
      return end(RPCStatus(.internal, "the response ended in the middle of a message"))
    }
    end(head.status)
  }

  override final func closed(_ code: HTTP2ErrorCode) {
    guard finalStatus == nil, let connection else { return }
    if !hasSentHeaders {
      isUnseen = true
      end(.lost(connection, isNeverProcessed: true))
    } else if connection.isLost {
      end(.lost(connection, isNeverProcessed: false))
    } else if code == .cancel, options.deadline.isPast {
      end(.deadlinePassed)
    } else {
      isUnseen = code == .refusedStream
      end(RPCStatus(resetWith: code.rawValue))
    }
  }
}

extension RPCStatus {
  fileprivate static func lost(
    _ connection: ClientConnection, isNeverProcessed: Bool
  ) -> RPCStatus {
    RPCStatus(
      .unavailable, "the connection to \(connection.keeper.target) was lost",
      isNeverProcessed: isNeverProcessed)
  }
}
