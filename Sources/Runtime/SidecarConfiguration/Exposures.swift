extension Configuration {
  /// True if callers must authenticate.
  package var knowsCallers: Bool { tls.clientAuthorities != nil || tokens.keys != nil }

  /// What an attacker on the network could do, one sentence each, without a full stop.
  package var exposures: [String] { exposuresOfCalls + exposuresOfMetrics + exposuresOfPeers }

  private var exposuresOfCalls: [String] {
    guard !isLoopback(host) else { return [] }
    var exposures: [String] = []
    if !knowsCallers {
      exposures.append(
        """
        Anybody who reaches \(host) may read and change everything: there are neither \
        tls.client-authorities nor tokens.keys
        """)
    }
    if tls.certificate == nil {
      exposures.append(
        "Calls to \(host) can be read and changed on their way: there is no tls.certificate")
    }
    return exposures
  }

  /// The metrics server does not accept tokens.
  private var exposuresOfMetrics: [String] {
    guard let listen = metrics.listen, !listen.isOnThisMachine, tls.clientAuthorities == nil else {
      return []
    }
    return [
      "Anybody who reaches \(listen) may read the metrics: there are no tls.client-authorities"
    ]
  }

  /// Logic is called in the clear unless its address is `https://`, other sidecars without
  /// `tls.peer-authorities`, and stores and brokers unless their URIs say otherwise.
  private var exposuresOfPeers: [String] {
    let projectors = domains.flatMap(\.projectors).filter(\.enabled)
    let business = domains.map(\.logic).filter { $0.web?.isSecure != true }.map(\.endpoint)
    let logic = (business + projectors.map(\.logic) + sagas.compactMap(\.remoteLogic))
      .filter { !$0.isOnThisMachine }
    var peers = distinct(logic).map { "to the logic at \($0)" }
    if tls.peerAuthorities == nil {
      let coordinators = projectors.filter(\.synchronous).map(\.coordinator)
      peers += distinct(coordinators.filter { !$0.isOnThisMachine })
        .map { "to the projector at \($0)" }
      peers += distinct(sagaPeers.filter { !$0.isOnThisMachine })
        .map { "to the sidecar at \($0)" }
      if source != .log, !queryHandler.isOnThisMachine {
        peers.append("to the query-handler at \(queryHandler)")
      }
    }
    if store.isElsewhereInTheClear { peers.append("to the store \(store)") }
    if let channel, channel.isElsewhereInTheClear { peers.append("to the channel \(channel)") }
    if let collector = traces.endpoint, collector.isInTheClear {
      peers.append("to the collector \(collector)")
    }
    if let bucket = snapshots.store, bucket.isInTheClear {
      peers.append("to the object store \(bucket)")
    }
    if let consul, consul.isInTheClear { peers.append("to the Consul agent at \(consul.agent)") }
    return peers.map { "What goes \($0) can be read and changed on its way: there is no TLS" }
  }
}

extension CollectorAddress {
  /// True if others on the network could read the traffic there.
  var isInTheClear: Bool { !isSecure && !endpoint.isOnThisMachine }
}

/// Removes duplicates, keeping the first of each.
package func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
  var seen: Set<Value> = []
  return values.filter { seen.insert($0).inserted }
}
