import Glibc
import NIOCore
import NIOPosix
import RPC
import Testing

@testable import RPCTransport

/// How servers and channels come and go.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  static let echo = service("Echo", .unary { message, _ in message })

  @Test func shutdownLetsTheCallInFlightEndAndRefusesTheNext() async throws {
    let began = Signal()
    let mayEnd = Signal()
    let slow = Handler.unary { message, _ in
      began.happen()
      try await mayEnd.wait()
      return message
    }
    try await withServer(service("Slow", slow)) { channel, address, server in
      let caller = Task { try await channel.unary(method("Slow"), [1]) }
      try await began.wait()
      let shutdown = Task { await server.shutdown(grace: .seconds(60)) }
      // The listener is closed before anything else happens, so a new connection is refused.
      var next = RPCStatus.ok
      while next.code != .unavailable {
        let fresh = HTTP2Channel(to: address, on: loops)
        next = await status { () async throws(RPCStatus) in
          _ = try await fresh.unary(method("Echo"), [])
        }
        await fresh.close()
      }
      mayEnd.happen()
      let answer = try await caller.value
      #expect(answer == [1])
      await shutdown.value
    }
  }

  @Test func channelConnectsAgainToAServerThatCameBack() async throws {
    try await withServer(Self.echo, at: .unshared) { channel, address, server in
      _ = try await channel.unary(method("Echo"), [])
      await server.shutdown(grace: .zero)
      let second = RPCServer(Self.echo, on: loops)
      _ = try await second.listen(on: address)
      let answer = try await channel.unary(
        method("Echo"), [1], CallOptions(deadline: .after(.seconds(20)), waitForReady: true))
      #expect(answer == [1])
      await second.shutdown(grace: .zero)
    }
  }

  @Test func callFailsFastWithoutAServerUnlessItWaits() async throws {
    let server = RPCServer(Self.echo, on: loops)
    let address = try await server.listen(on: .unshared)
    await server.shutdown(grace: .zero)
    let channel = HTTP2Channel(to: address, on: loops)
    let status = await status { () async throws(RPCStatus) in
      _ = try await channel.unary(method("Echo"), [])
    }
    #expect(status.code == .unavailable)
    #expect(status.isNeverProcessed)
    let waiting = Task {
      try await channel.unary(method("Echo"), [2], CallOptions(waitForReady: true))
    }
    let second = RPCServer(Self.echo, on: loops)
    _ = try await second.listen(on: address)
    let answer = try await waiting.value
    #expect(answer == [2])
    await channel.close()
    await second.shutdown(grace: .zero)
  }

  /// As the addresses of one name, if the first takes long to answer (RFC 8305, happy eyeballs).
  @Test func socketsThatAreTriedAtOnceShareNoConnection() async throws {
    let server = try await ForeignServer { _, _, _ in .nothing }
    guard case .tcp(let host, let port) = server.address else { return }
    let picker = ConnectionPicker(
      [server.address], .pickFirst, HTTP2ChannelConfiguration(), loops.next())
    let bootstrap = picker.keepers[0].bootstrap
    var connections: [ObjectIdentifier] = []
    let sockets = [
      try await bootstrap.connect(host: host, port: port).get(),
      try await bootstrap.connect(host: host, port: port).get(),
    ]
    for socket in sockets {
      let connection = socket.eventLoop.submit {
        ObjectIdentifier(
          try socket.pipeline.syncOperations.handler(type: ClientConnection.self))
      }
      connections.append(try await connection.get())
    }
    #expect(connections[0] != connections[1])
    for socket in sockets { try await socket.close() }
    try await server.close()
  }

  @Test func closedChannelTakesNoCalls() async throws {
    try await withServer(Self.echo) { channel, _, _ in
      _ = try await channel.unary(method("Echo"), [])
      await channel.close()
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Echo"), [])
      }
      #expect(status == .init(.unavailable, "the channel is closed", isNeverProcessed: true))
    }
  }

  @Test func unixSocketServesCallsAndGoesWithItsServer() async throws {
    let path = unsharedPath()
    let server = RPCServer(Self.echo, on: loops)
    let address = try await server.listen(on: Address("unix:\(path)"))
    #expect(address == .unix(path: path))
    let channel = HTTP2Channel(to: address, on: loops)
    let answer = try await channel.unary(method("Echo"), [3])
    #expect(answer == [3])
    await channel.close()
    await server.shutdown(grace: .zero)
    #expect(UnixSocket(path) == nil)
  }

  @Test func unixSocketOfALivingServerIsNotTaken() async throws {
    let address = Address.unshared
    let server = RPCServer(Self.echo, on: loops)
    _ = try await server.listen(on: address)
    let error = await #expect(throws: TransportError.self) {
      try await RPCServer(Self.echo, on: loops).listen(on: address)
    }
    #expect(error?.kind == .addressInUse)
    await server.shutdown(grace: .zero)
  }

  @Test func unixSocketOfADeadServerIsReplaced() async throws {
    let path = unsharedPath()
    // The system keeps the name of a socket that is only closed, as a killed process's are.
    let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let isBound = try SocketAddress(unixDomainSocketPath: path).withSockAddr {
      bind(dead, $0, socklen_t($1)) == 0
    }
    close(dead)
    try #require(isBound && UnixSocket(path) != nil)
    let server = RPCServer(Self.echo, on: loops)
    _ = try await server.listen(on: .unix(path: path))
    await server.shutdown(grace: .zero)
    #expect(UnixSocket(path) == nil)
  }

  @Test func fileThatIsNoSocketIsLeftAlone() async throws {
    let error = await #expect(throws: TransportError.self) {
      try await RPCServer(Self.echo, on: loops).listen(on: .unix(path: "/etc/hostname"))
    }
    #expect(error?.kind == .addressInUse)
  }

  @Test func addressThatIsTakenIsNamed() async throws {
    try await withServer(Self.echo) { _, address, _ in
      let error = await #expect(throws: TransportError.self) {
        try await RPCServer(Self.echo, on: loops).listen(on: address)
      }
      #expect(error?.kind == .addressInUse)
      #expect(error?.message == "\(address) is in use: somebody else listens there")
    }
  }

  @Test func callOnAnEventLoopStaysOnItsThread() async throws {
    let whose = Handler.unary { _, _ in
      [MultiThreadedEventLoopGroup.currentEventLoop == nil ? 0 : 1]
    }
    try await withServer(service("Whose", whose)) { channel, _, _ in
      let onLoop = try await channel.unary(method("Whose"), [])
      #expect(onLoop == [1])
    }
  }

  @Test(arguments: ["nowhere", "host:port", "host:70000", "::1:80", "unix:"])
  func badAddressIsRefused(_ text: String) {
    let error = #expect(throws: TransportError.self) { try Address(text) }
    #expect(error?.kind == .badAddress)
  }

  @Test(arguments: ["127.0.0.1:1313", "[::1]:80", "unix:/run/o.sock", "localhost:0"])
  func addressIsWrittenAsItIsRead(_ text: String) throws {
    #expect(try Address(text).description == text)
  }
}
