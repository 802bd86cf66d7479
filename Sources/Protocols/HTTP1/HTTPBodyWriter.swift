import NIOCore

/// Writes a body of unknown length.
package struct HTTPBodyWriter: Sendable {
  private let connection: NIOLoopBound<HTTPConnection>
  private let loop: any EventLoop

  init(_ connection: NIOLoopBound<HTTPConnection>, on loop: any EventLoop) {
    self.connection = connection
    self.loop = loop
  }

  /// Sends bytes, with backpressure from the client.
  ///
  /// Throws `CancellationError` once the client has left or has stopped reading.
  package func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    let isOpen = await withUnsafeContinuation { waiting in
      run { $0.write(bytes) { waiting.resume(returning: $0) } }
    }
    guard isOpen else { throw CancellationError() }
    try Task.checkCancellation()
  }

  /// Counts bytes as held for the answer; false if the process has reached its limit.
  func hold(_ count: Int) async -> Bool {
    await withUnsafeContinuation { waiting in
      run { waiting.resume(returning: $0.hold(count)) }
    }
  }

  /// Runs at once on the loop's thread, else soon.
  func run(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
    if loop.inEventLoop {
      body(connection.value)
    } else {
      loop.execute { body(connection.value) }
    }
  }
}
