import Files
import RPC
import RPCTransport
import SidecarConfiguration
import Threads

#if canImport(Glibc)
  import Glibc
#endif

extension Configuration {
  var threadCount: Int { threads == 0 ? Self.availableCores : threads }

  var server: RPCServerConfiguration {
    var server = RPCServerConfiguration()
    server.limits = serverLimits
    server.connectionAgeMax = connection.ageMax == .zero ? nil : connection.ageMax
    server.connectionAgeGrace = connection.ageGrace
    server.connectionIdleMax = connection.idleMax == .zero ? nil : connection.idleMax
    return server
  }

  var serverLimits: RPCLimits {
    var limits = RPCLimits()
    limits.messageBytesMax = limit.messageSize
    limits.concurrentStreamsMax = limit.concurrentStreams
    limits.headerBytesMax = limit.headerSize
    limits.memoryBytesMax = limit.memory
    limits.connectionBytesMax = limit.connectionMemory
    limits.connectionsMax = min(
      limit.connections, OpenFileLimit.connectionsMax(besideDomains: limit.openDomains))
    limits.connectionsPerPeerMax = limit.connectionsPerPeer
    limits.requestTimeout = connection.requestTimeout == .zero ? nil : connection.requestTimeout
    return limits
  }

  /// Logic's answers may exceed the limit of a commit: the refusal can then say so.
  var channelLimits: RPCLimits {
    var limits = serverLimits
    limits.messageBytesMax = 2 * limit.messageSize
    return limits
  }

  /// The cores available to this process.
  private static let availableCores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}

extension OpenFileLimit {
  /// What Outrider ever needs; some programs go through all that they may have when they start.
  private static let usefulMax: UInt64 = 1 << 16
  /// What the store has open for one domain, at most.
  private static let perDomain = 8
  /// Sockets to logic and brokers, the log, event loops, and the domains that are being opened.
  private static let others = 128

  /// Raises the limit: the system's default is low for the sake of programs that use select(2).
  static func raise() { raise(to: usefulMax) }

  /// The connections that fit, after a quarter is set aside for the rest: as much as open domains
  /// may take, but never more than half.
  static func connectionsMax(besideDomains domains: Int) -> Int {
    guard let current else { return .max }
    let all = Int(clamping: current)
    let rest = max(all / 4, min(others + perDomain * domains, all / 2))
    return max(all - rest, 1)
  }
}

extension EventLoops {
  /// Starts this many threads, until `shutdown`. Throws where the system does not give them, which
  /// NIO takes for a broken invariant.
  public static func starting(threads count: Int) throws(SidecarError) -> EventLoops {
    do throws(ThreadFailure) { try requireThreads(count) } catch {
      throw SidecarError("\(error)")
    }
    return EventLoops(threads: count)
  }
}
