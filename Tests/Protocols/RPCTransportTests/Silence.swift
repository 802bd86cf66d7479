import NIOCore
import NIOPosix
import RPCTransport

/// A server whose system takes as many connections as the backlog holds, and that never says a word
/// on any. Further ones are not even refused: to who connects, it is as if nobody were there.
struct Silence {
  let address: Address
  private let listener: any Channel
  private let queued: [any Channel]

  init(backlog: Int32) async throws {
    listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.autoRead, value: false)
      .bind(host: "127.0.0.1", port: 0).get()
    address = .tcp(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
    // A queue for none has room for one.
    let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(to: listener.localAddress!).get()
    queued = [first]
  }

  func end() async throws {
    for channel in queued { try await channel.close() }
    try await listener.close()
  }
}
