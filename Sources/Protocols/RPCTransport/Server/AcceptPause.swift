import Files
import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Has a listener accept nothing for a moment while the process has few descriptors left, or where
/// accepting fails. Clients wait meanwhile in the system's queue.
///
/// The last descriptors are for the store, and for libdispatch: it opens a file to look after its
/// threads, and ends the process where it cannot. NIO's `AcceptBackoffHandler` does not pause: it
/// holds back the next read, but the one that failed stays pending, and its listener registered.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private static let duration = TimeAmount.milliseconds(100)

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.fireChannelRead(data)
    if !SpareDescriptors.suffice { pause(context.channel) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is IOError else { return context.fireErrorCaught(error) }
    pause(context.channel)
  }

  private func pause(_ listener: any Channel) {
    accept(false, at: listener)
    listener.eventLoop.assumeIsolated().scheduleTask(in: Self.duration) { [self] in
      if SpareDescriptors.suffice { accept(true, at: listener) } else { pause(listener) }
    }
  }

  private func accept(_ isAccepting: Bool, at listener: any Channel) {
    // One that is closed meanwhile has no options any more.
    try? listener.syncOptions?.setOption(.autoRead, value: isAccepting)
  }
}

/// The descriptors that no connection takes.
private enum SpareDescriptors {
  /// More than all listeners accept before they pause.
  private static let count: UInt64 = 32

  /// Whether there are more than that, of those that the process may have.
  static var suffice: Bool {
    // The next descriptor is the lowest free one: all below it are in use (open(2)).
    let next = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard next >= 0 else { return false }
    close(next)
    guard let all = OpenFileLimit.current else { return true }
    return UInt64(next) + min(count, all / 2) < all
  }
}
