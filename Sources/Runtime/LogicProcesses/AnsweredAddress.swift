import Glibc
import SidecarConfiguration

extension Endpoint {
  /// True if a server accepts connections there. Blocks for at most a second, unless a name server
  /// is slow.
  func isAnswered() -> Bool {
    switch self {
    case .unix(let path): isAnswered(unix: path)
    case .tcp(let host, let port): isAnswered(host: host, port: port)
    }
  }

  private func isAnswered(host: String, port: Int) -> Bool {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return false }
    defer { freeaddrinfo(list) }
    var next = list
    while let info = next?.pointee {
      if takesConnection(info.ai_family, info.ai_addr, info.ai_addrlen) { return true }
      next = info.ai_next
    }
    return false
  }

  private func isAnswered(unix path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // An endpoint's path is short enough, and the final zero is there already.
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        takesConnection(AF_UNIX, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private func takesConnection(
    _ family: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
  ) -> Bool {
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let number = socket(family, Int32(type), 0)
    guard number >= 0 else { return false }
    let descriptor = Descriptor(owning: number)
    if connect(descriptor.number, address, length) == 0 { return true }
    guard errno == EINPROGRESS else { return false }
    var request = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
    // A server with a full queue does not answer, but exists.
    guard poll(&request, 1, 1000) == 1 else { return true }
    var (code, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &code, &size)
    return code == 0
  }
}
