import RPC
import RPCTransport
import SidecarConfiguration

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
    limits.connectionsMax = min(limit.connections, DescriptorLimit.connectionsMax)
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

/// This process's limit of open files and sockets (getrlimit(2), `RLIMIT_NOFILE`).
enum DescriptorLimit {
  /// The least that the store, its files and the calls to logic need.
  private static let othersMin = 128

  /// The connections that fit, after a quarter is set aside for the rest.
  static var connectionsMax: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    let all = Int(clamping: limit.rlim_cur)
    return max(all - max(all / 4, othersMin), 1)
  }
}
