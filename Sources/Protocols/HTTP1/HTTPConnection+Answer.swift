import NIOCore
import NIOHTTP1
import RPCTransport
import Synchronization

/// The answer: from the handler to the socket.
extension HTTPConnection {
  func answer(
    _ request: HTTPRequest?, _ handle: @escaping @Sendable () async throws -> HTTPResponse
  ) {
    guard let context else { return }
    exchange?.isAnswering = true
    let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
    let writer = HTTPBodyWriter(connection, on: context.eventLoop)
    let service = service
    let run: @Sendable () async -> Void = {
      var response: HTTPResponse
      do { response = try await handle() } catch {
        response = service.failed(error, request)
      }
      if let request { service.finish(request, &response) }
      service.answered(request, response.status)
      await Self.send(response, to: request, writer)
    }
    let task = Task(executorPreference: executor, operation: run)
    if exchange?.isAnswered == false { exchange?.task = task }
  }

  private static func send(
    _ response: HTTPResponse, to request: HTTPRequest?, _ writer: HTTPBodyWriter
  ) async {
    let isHead = request?.method == "HEAD"
    writer.run { $0.write(headOf: response) }
    do {
      switch response.body {
      case .bytes(let bytes): if !isHead { try await writer.write(bytes) }
      case .stream(let stream):
        if !isHead {
          writer.run { $0.beginStream(stream) }
          try await stream.write(writer)
        }
      }
      writer.run { $0.writeEnd() }
    } catch is CancellationError {
      // The client left, or a shutdown ends the stream gracefully.
      writer.run { $0.isDraining ? $0.writeEnd() : $0.close() }
    } catch {
      writer.run { $0.close() }
    }
  }

  private func write(headOf response: HTTPResponse) {
    guard let context, let exchange else { return }
    var headers = HTTPHeaders(response.fields.fields.map { ($0.name, $0.value) })
    switch response.body {
    case .bytes(let bytes) where response.status != 204 && response.status != 304:
      headers.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
    case .bytes: break
    // HTTP/1.0 ends such a body by closing the connection.
    case .stream: if exchange.head.version != .http1_1 { self.exchange?.isLast = true }
    }
    if isDraining { self.exchange?.isLast = true }
    if self.exchange?.isLast == true {
      headers.replaceOrAdd(name: "Connection", value: "close")
    } else if exchange.head.version != .http1_1 {
      headers.replaceOrAdd(name: "Connection", value: "keep-alive")
    }
    let head = HTTPResponseHead(
      version: exchange.head.version == .http1_0 ? .http1_0 : .http1_1,
      status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func beginStream(_ stream: HTTPStream) {
    guard let context, exchange != nil else { return }
    context.flush()
    gauges.streams.add(1, ordering: .relaxed)
    beatLater(stream.heartbeat ?? [])
    if isDraining { exchange?.task?.cancel() }
  }

  /// Writing to a client that left silently reveals that it left.
  private func beatLater(_ bytes: [UInt8]) {
    let interval = TimeAmount(limits.heartbeatInterval)
    heartbeat = context?.eventLoop.assumeIsolated().scheduleTask(in: interval) { [self] in
      beatLater(bytes)
      if !hasWritten, whoWaits == nil, !bytes.isEmpty { write(bytes) { _ in } }
      hasWritten = false
    }
  }

  /// Sends a part of the body. Calls `done` once the socket takes more, with true if the
  /// connection is still open.
  func write(_ bytes: [UInt8], then done: @escaping @Sendable (Bool) -> Void) {
    guard let context, exchange?.isAnswered == false else { return done(false) }
    hasWritten = true
    let buffer = context.channel.allocator.buffer(bytes: bytes)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    if context.channel.isWritable { return done(true) }
    release(waitingBytes)
    waitingBytes = limits.stalledCopies * bytes.count
    guard hold(waitingBytes) else {
      close()
      return done(false)
    }
    whoWaits = done
    after(limits.stallTimeMax) { $0.close() }
  }

  private func writeEnd() {
    guard let context, exchange?.isAnswered == false else { return }
    exchange?.isAnswered = true
    exchange?.task = nil
    if isDraining { exchange?.isLast = true }
    end()
    let isReceived = exchange?.isReceived == true
    if isReceived, exchange?.isLast == true {
      let sent = context.eventLoop.makePromise(of: Void.self)
      sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
      return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }
    if isReceived { exchange = nil }
    after(isReceived ? limits.idleTimeMax : limits.lingerTimeMax) { $0.close() }
    // The next request may arrive within this call.
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func release(_ count: Int) {
    memory.giveBack(count)
    gauges.heldBytes.subtract(count, ordering: .relaxed)
    exchange?.heldBytes -= count
  }

  /// Releases what the exchange held.
  func end() {
    if heartbeat != nil { gauges.streams.subtract(1, ordering: .relaxed) }
    heartbeat?.cancel()
    heartbeat = nil
    waitingBytes = 0
    release(exchange?.heldBytes ?? 0)
  }
}
