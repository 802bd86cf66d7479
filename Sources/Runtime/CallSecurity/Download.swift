import Downloads
import RPCTransport
import SidecarConfiguration

/// Downloads a small document.
struct Download: Sendable {
  let address: WebAddress
  private let server: WebServer

  /// - Parameter authorities: a file with the CA certificates of the server; nil: the system's.
  init(_ address: WebAddress, trusting authorities: String?) throws(TransportError) {
    self.address = address
    server = WebServer(
      host: address.host, port: address.port, authority: address.authority,
      tls: try address.isSecure
        ? ClientTLS(TLSFiles(authorities: authorities), protocols: ["http/1.1"]) : nil)
  }

  /// The document. Throws if it is longer than 1 MiB, if it takes longer than 10 seconds, and on
  /// any other answer.
  func get() async throws -> [UInt8] {
    let answer = try await server.get(
      address.path, headers: [("accept", "application/json")], timeout: .seconds(10))
    guard answer.code == 200 else { throw SidecarError("the server answers \(answer.status)") }
    return answer.body
  }
}
