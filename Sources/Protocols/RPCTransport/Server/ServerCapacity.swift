import NIOCore
import RPC
import Synchronization

/// What the servers of one process hold together: connections, and memory for calls.
///
/// Servers that are given the same one share its bounds (`RPCLimits`).
public final class ServerCapacity: Sendable {
  private struct Connections {
    var count = 0
    var countByPeer: [PeerAddress: Int] = [:]
  }

  /// Less than this was never worth the time to give back.
  private static let trimBytesMin = 32 << 20

  let memoryBytesMax: Int
  private let connectionsMax: Int
  private let connectionsPerPeerMax: Int
  private let taken = Atomic(0)
  /// The most that was taken since memory was given back to the system.
  private let peak = Atomic(0)
  private let connections = Mutex(Connections())
  private let shares = Mutex<[ObjectIdentifier: NIOLoopBound<MemoryShare>]>([:])

  /// - Parameter limits: `memoryBytesMax`, `connectionsMax` and `connectionsPerPeerMax` hold here,
  ///   those of the servers do not.
  public init(_ limits: RPCLimits) {
    memoryBytesMax = limits.memoryBytesMax
    connectionsMax = limits.connectionsMax
    // One peer never takes all.
    connectionsPerPeerMax = min(limits.connectionsPerPeerMax, max(1, connectionsMax / 2))
  }

  /// What a loop takes its memory from, on the loop itself.
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

  /// False if there is no room; then nothing is taken.
  func take(_ count: Int) -> Bool {
    let sum = taken.add(count, ordering: .relaxed).newValue
    guard sum <= memoryBytesMax else {
      taken.subtract(count, ordering: .relaxed)
      return false
    }
    peak.max(sum, ordering: .relaxed)
    return true
  }

  /// True if that leaves the allocator with much that the system should get back.
  func giveBack(_ count: Int) -> Bool {
    let left = taken.subtract(count, ordering: .relaxed).newValue
    let peak = self.peak.load(ordering: .relaxed)
    guard peak >= Self.trimBytesMin, left <= peak / 4 else { return false }
    return self.peak.compareExchange(expected: peak, desired: left, ordering: .relaxed).exchanged
  }

  // MARK: Connections

  /// Counts a connection, until `remove`. Throws `tooManyConnections` if there are too many of all
  /// or of this peer.
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

/// Whom connections are counted for: an address of IPv4, or the network of one of IPv6, since each
/// host has a whole one (RFC 4291 section 2.5.4).
package struct PeerAddress: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Nil for a peer on this machine that has no address.
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
