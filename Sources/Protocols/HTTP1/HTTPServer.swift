import NIOCore
import NIOHTTP1
import RPCTransport
import Synchronization

/// An HTTP/1.1 server, with or without TLS.
package final class HTTPServer: Sendable {
  private let acceptor: Acceptor<HTTPConnection>
  private let gauges: HTTPGauges

  /// - Parameters:
  ///   - tls: nil: without TLS.
  ///   - capacity: limits on connections and memory, shared with other servers of the process.
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

  /// Open connections.
  package var connectionCount: Int { acceptor.connectionCount }

  /// Running streams.
  package var streamCount: Int { gauges.streams.load(ordering: .relaxed) }

  /// Bytes held for current requests and answers.
  package var heldBytes: Int { gauges.heldBytes.load(ordering: .relaxed) }

  /// Accepts connections at an address until `shutdown`. Returns the bound address: port 0 means
  /// any free one. Throws `TransportError`: `addressInUse`, `cannotListen`, `shutDown`.
  package func listen(host: String, port: Int) async throws(TransportError) -> Address {
    try await acceptor.listen(on: .tcp(host: host, port: port))
  }

  /// Refuses new connections, ends streams, lets answers complete within the grace, and closes.
  /// Returns once all is closed.
  package func shutdown(grace: Duration) async {
    await acceptor.shutdown(grace: grace) {
      $0.drain()
    } abort: {
      $0.close()
    }
  }
}

/// What a server currently holds.
final class HTTPGauges: Sendable {
  /// Running streams.
  let streams = Atomic(0)
  /// Bytes held for requests and answers.
  let heldBytes = Atomic(0)
}
