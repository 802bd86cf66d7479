import HTTP2
import RPC

// A handler's actions on its call. A handler usually runs on the loop, where they happen at once;
// from another thread they are passed to the loop.
extension ServerStream: ServerCall {
  var peer: String { connection.peer }

  func setInitialMetadata(_ metadata: Metadata) {
    loop.run { [self] in
      if !hasBegunResponse { initialMetadata = metadata }
    }
  }

  func setTrailingMetadata(_ metadata: Metadata) {
    loop.run { [self] in trailingMetadata = metadata }
  }

  func setCompression(_ compression: Compression) {
    loop.run { [self] in wantedCompression = compression }
  }

  var caller: Caller { connection.caller }

  func nextMessage() async throws(RPCStatus) -> Message? {
    guard let incoming = try await nextIncoming() else { return nil }
    guard incoming.isCompressed else { return incoming.body }
    let message: Message
    do throws(RPCStatus) { message = try unpack(incoming) } catch {
      loop.run { [self] in end(error) }
      throw error
    }
    // A message without room is released at once.
    try await hold { [self] in took(message.count) }
    return message
  }

  private func nextIncoming() async throws(RPCStatus) -> IncomingMessage? {
    if loop.eventLoop.inEventLoop, let outcome = takeMessage() { return try outcome.get() }
    return try await withTaskCancellationHandler {
      await withUnsafeContinuation { (reader: Inbox.Reader) in
        loop.run { [self] in
          if let outcome = takeMessage() {
            reader.resume(returning: outcome)
          } else {
            inbox.wait(reader)
          }
        }
        if Task.isCancelled { stopReading() }
      }
    } onCancel: {
      stopReading()
    }.get()
  }

  func hold(_ bytes: Int) async throws(RPCStatus) {
    try await hold { [self] in holdMore(bytes) }
  }

  /// Counts on the loop; throws if the call is over before or after.
  private func hold(_ count: @escaping @Sendable () -> Void) async throws(RPCStatus) {
    if loop.eventLoop.inEventLoop {
      count()
      if let failure = endedStatus { throw failure }
      return
    }
    let failure = await withUnsafeContinuation { (holder: UnsafeContinuation<RPCStatus?, Never>) in
      loop.run { [self] in
        count()
        holder.resume(returning: endedStatus)
      }
    }
    if let failure { throw failure }
  }

  func send(_ message: Message) async throws(RPCStatus) {
    if loop.eventLoop.inEventLoop, queue(message) {
      if let failure = endedStatus { throw failure }
      return
    }
    let mustQueue = !loop.eventLoop.inEventLoop
    let failure = await withTaskCancellationHandler {
      await withUnsafeContinuation { (writer: UnsafeContinuation<RPCStatus?, Never>) in
        loop.run { [self] in
          if !mustQueue || !queue(message), isResponding {
            writers.append(writer)
          } else {
            writer.resume(returning: endedStatus)
          }
        }
        if Task.isCancelled { stopWriting() }
      }
    } onCancel: {
      stopWriting()
    }
    if let failure { throw failure }
  }

  /// Queues a message. False if the buffer is now full, and the sender must wait.
  private func queue(_ message: Message) -> Bool {
    guard isResponding else { return true }
    do throws(RPCStatus) {
      try checkRoom(for: message)
      beginResponse()
      try write(message: message, compression)
      recount()
    } catch {
      end(error)
    }
    return outgoingCount <= connection.limits.sendBufferBytesMax
  }

  private var endedStatus: RPCStatus? {
    isResponding ? nil : RPCStatus(.cancelled, "the call is over")
  }

  private func stopReading() {
    loop.eventLoop.execute { [self] in
      inbox.removeReader()?.resume(returning: .failure(.taskCancelled))
    }
  }

  private func stopWriting() {
    loop.eventLoop.execute { [self] in resumeWriters(.taskCancelled) }
  }
}
