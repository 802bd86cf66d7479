import NIOCore
import NIOPosix
import RPC

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A name that resolves to any number of machines, such as a headless service of Kubernetes.
public struct HostName: Sendable {
  public let host: String
  public let port: Int

  public init(_ host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The name in an address; nil for an IP address, a Unix socket or "localhost", which cannot
  /// mean several machines.
  public init?(_ address: Address) {
    guard case .tcp(let host, let port) = address, host != "localhost",
      (try? SocketAddress(ipAddress: host, port: port)) == nil
    else { return nil }
    self.init(host, port: port)
  }

  /// Resolves the name, in the system's order (RFC 6724). Throws UNAVAILABLE with the resolver's
  /// error.
  public func addresses() async throws(RPCStatus) -> [Address] {
    let result: Result<[Address], RPCStatus>
    do {
      // The system's resolver blocks.
      result = try await NIOThreadPool.singleton.runIfActive { lookUp() }
    } catch {
      throw RPCStatus(.unavailable, "\(host) cannot be resolved now", isNeverProcessed: true)
    }
    return try result.get()
  }

  private func lookUp() -> Result<[Address], RPCStatus> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      let reason = String(cString: gai_strerror(code))
      return .failure(
        RPCStatus(.unavailable, "\(host) has no address: \(reason)", isNeverProcessed: true))
    }
    defer { freeaddrinfo(list) }
    let found = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
    let addresses = found.compactMap { $0?.pointee.numericHost }
    return .success(addresses.map { .tcp(host: $0, port: port) })
  }
}

extension addrinfo {
  fileprivate var numericHost: String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = getnameinfo(
      ai_addr, ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard code == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
