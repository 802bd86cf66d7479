import NIOCore

/// Where a handler writes a body of unknown length.
package struct HTTPBodyWriter: Sendable {
  private let connection: NIOLoopBound<HTTPConnection>
  private let loop: any EventLoop

  init(_ connection: NIOLoopBound<HTTPConnection>, on loop: any EventLoop) {
    self.connection = connection
    self.loop = loop
  }

  /// Sends bytes, and waits while more is on its way than the client reads.
  ///
  /// Throws `CancellationError` once the client has left, or reads nothing any more.
  package func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    let isOpen = await withUnsafeContinuation { waiting in
      run { $0.write(bytes) { waiting.resume(returning: $0) } }
    }
    guard isOpen else { throw CancellationError() }
    try Task.checkCancellation()
  }

  /// Counts bytes as held for the answer; false where the process may hold no more.
  func hold(_ count: Int) async -> Bool {
    await withUnsafeContinuation { waiting in
      run { waiting.resume(returning: $0.hold(count)) }
    }
  }

  /// Runs at once if this is the loop's thread, else soon.
  func run(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
    if loop.inEventLoop {
      body(connection.value)
    } else {
      loop.execute { body(connection.value) }
    }
  }
}
