import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The name of a listening Unix socket in the file system. It outlives the socket unless it is
/// removed.
struct UnixSocket: Sendable {
  let path: String
  /// Identifies the file, so that another server's socket of the same name is left alone.
  private let identity: Identity

  private struct Identity: Equatable {
    let device: UInt64
    let inode: UInt64

    /// Nil if there is no socket.
    init?(_ path: String) {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }
  }

  /// The socket just bound there; nil if it was removed meanwhile.
  init?(_ path: String) {
    guard let identity = Identity(path) else { return nil }
    self.path = path
    self.identity = identity
  }

  /// Removes the name, unless it belongs to another socket by now.
  func remove() {
    if Identity(path) == identity { unlink(path) }
  }

  /// Removes a socket that a killed server left behind.
  ///
  /// Throws `IOError` with EADDRINUSE if a server listens there. A file that is not a socket
  /// stays, and binding fails.
  static func removeAbandoned(at path: String) throws {
    guard let socket = UnixSocket(path) else { return }
    guard !isAlive(path) else {
      throw IOError(errnoCode: EADDRINUSE, reason: "a server listens on the socket")
    }
    socket.remove()
  }

  /// True if a server accepts connections there. Connecting to a Unix socket never waits for a
  /// network.
  private static func isAlive(_ path: String) -> Bool {
    guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return false }
    let type = Int32(SOCK_STREAM.rawValue | UInt32(SOCK_NONBLOCK.rawValue))
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let result = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
    // EAGAIN: the backlog is full, so there is a server.
    return result == 0 || errno == EAGAIN
  }
}
