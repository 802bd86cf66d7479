import NIOCore
import NIOHTTP1
import RPCTransport
import Synchronization

/// An HTTP/1.1 server, with TLS or without.
package final class HTTPServer: Sendable {
  private let acceptor: Acceptor<HTTPConnection>
  private let gauges: HTTPGauges

  /// - Parameters:
  ///   - tls: how connections are secured; nil: not at all.
  ///   - capacity: what the server shares with others of the process: connections and memory.
  package init(
    _ service: HTTPService, _ limits: HTTPLimits, tls: ServerTLS?, on loops: EventLoops,
    sharing capacity: ServerCapacity
  ) {
    let gauges = HTTPGauges()
    self.gauges = gauges
    acceptor = Acceptor(
      on: loops, sharing: capacity, tls: tls, socketBufferBytesMax: limits.socketBufferBytesMax
    ) { channel in
      let connection = HTTPConnection(
        service, limits, loops.executor(on: channel.eventLoop),
        capacity.share(of: channel.eventLoop), gauges)
      try channel.pipeline.syncOperations.addHandlers(
        HTTPResponseEncoder(),
        ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits.decoder)),
        HTTPServerPipelineHandler(), NIOHTTPResponseHeadersValidator(), connection)
      return connection
    }
  }

  /// How many connections are open.
  package var connectionCount: Int { acceptor.connectionCount }

  /// How many answers go on for as long as their clients read.
  package var streamCount: Int { gauges.streams.load(ordering: .relaxed) }

  /// Bytes of requests and answers under way.
  package var heldBytes: Int { gauges.heldBytes.load(ordering: .relaxed) }

  /// Takes connections at an address, until `shutdown`. Returns the address it got: port 0 asks for
  /// any free one. Throws `TransportError`: `addressInUse`, `cannotListen`, `shutDown`.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    try await acceptor.listen(on: .tcp(host: host, port: port))
  }

  /// Takes no more connections, ends streams, lets the answers under way go out for up to the
  /// grace, and closes. Returns when all is closed.
  package func shutdown(grace: Duration) async {
    await acceptor.shutdown(grace: grace) {
      $0.drain()
    } abort: {
      $0.close()
    }
  }
}

/// What a server holds at a time.
final class HTTPGauges: Sendable {
  /// Answers that go on for as long as their clients read.
  let streams = Atomic(0)
  /// Bytes of requests and answers.
  let heldBytes = Atomic(0)
}
