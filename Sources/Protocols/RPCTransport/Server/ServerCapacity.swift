import NIOCore
import RPC
import Synchronization

/// Limits that servers of one process share: connections, and memory for calls (`RPCLimits`).
public final class ServerCapacity: Sendable {
  private struct Connections {
    var count = 0
    var countByPeer: [PeerAddress: Int] = [:]
  }

  /// Smaller amounts are not worth the time to give back.
  private static let trimBytesMin = 32 << 20

  let memoryBytesMax: Int
  private let connectionsMax: Int
  private let connectionsPerPeerMax: Int
  private let taken = Atomic(0)
  /// The peak since memory was last returned to the system.
  private let peak = Atomic(0)
  private let connections = Mutex(Connections())
  private let shares = Mutex<[ObjectIdentifier: NIOLoopBound<MemoryShare>]>([:])

  /// - Parameter limits: `memoryBytesMax`, `connectionsMax` and `connectionsPerPeerMax` apply
  ///   here, instead of the servers' own.
  public init(_ limits: RPCLimits) {
    memoryBytesMax = limits.memoryBytesMax
    connectionsMax = limits.connectionsMax
    // One peer never takes all.
    connectionsPerPeerMax = min(limits.connectionsPerPeerMax, max(1, connectionsMax / 2))
  }

  /// The loop's share of memory, to be used on that loop.
  package func share(of loop: any EventLoop) -> MemoryShare {
    let share = shares.withLock { shares in
      if let share = shares[ObjectIdentifier(loop)] { return share }
      let share = NIOLoopBound(MemoryShare(of: self, on: loop), eventLoop: loop)
      shares[ObjectIdentifier(loop)] = share
      return share
    }
    return share.value
  }

  // MARK: Memory

  func hasRoom(for count: Int) -> Bool {
    taken.load(ordering: .relaxed) + count <= memoryBytesMax
  }

  /// False if the limit would be exceeded; then nothing is taken.
  func take(_ count: Int) -> Bool {
    let sum = taken.add(count, ordering: .relaxed).newValue
    guard sum <= memoryBytesMax else {
      taken.subtract(count, ordering: .relaxed)
      return false
    }
    peak.max(sum, ordering: .relaxed)
    return true
  }

  /// True if the allocator now has much memory to return to the system.
  func giveBack(_ count: Int) -> Bool {
    let left = taken.subtract(count, ordering: .relaxed).newValue
    let peak = self.peak.load(ordering: .relaxed)
    guard peak >= Self.trimBytesMin, left <= peak / 4 else { return false }
    return self.peak.compareExchange(expected: peak, desired: left, ordering: .relaxed).exchanged
  }

  // MARK: Connections

  /// Counts a connection, until `remove`. Throws `tooManyConnections` at the limit of all or of
  /// this peer.
  package func add(_ peer: PeerAddress?) throws(TransportError) {
    try connections.withLock { (connections) throws(TransportError) in
      guard connections.count < connectionsMax else {
        throw TransportError(.tooManyConnections, "the process holds as many as it may")
      }
      if let peer {
        let ofPeer = connections.countByPeer[peer, default: 0]
        guard ofPeer < connectionsPerPeerMax else {
          throw TransportError(.tooManyConnections, "the peer has as many as one may have")
        }
        connections.countByPeer[peer] = ofPeer + 1
      }
      connections.count += 1
    }
  }

  package func remove(_ peer: PeerAddress?) {
    connections.withLock { connections in
      connections.count -= 1
      guard let peer, let ofPeer = connections.countByPeer[peer] else { return }
      connections.countByPeer[peer] = ofPeer > 1 ? ofPeer - 1 : nil
    }
  }
}

/// The peer that connections are counted for: an IPv4 address, or the network of an IPv6 address,
/// since each host has a whole network (RFC 4291 section 2.5.4).
package struct PeerAddress: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Nil for a peer on this machine without an address.
  package init?(_ address: SocketAddress?) {
    switch address {
    case .v4(let address)?:
      bytes = withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address)?:
      let all = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      let isMapped = all.starts(with: repeatElement(0, count: 10) + [255, 255])
      bytes = Array(isMapped ? all.suffix(4) : all.prefix(8))
    case .unixDomainSocket?, nil: return nil
    }
  }
}
