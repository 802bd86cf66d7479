import NIOCore

/// Has a listener accept nothing for a moment where accepting fails: without descriptors there is
/// nothing to accept with, however often it is tried.
///
/// NIO's `AcceptBackoffHandler` does not pause. It holds back the next read, but the one that
/// failed stays pending, and its listener registered.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private static let duration = TimeAmount.milliseconds(100)

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is IOError else { return context.fireErrorCaught(error) }
    let listener = context.channel
    // One that is closed meanwhile has no options any more.
    try? listener.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.duration) {
      try? listener.syncOptions?.setOption(.autoRead, value: true)
    }
  }
}
