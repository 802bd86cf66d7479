import EventModel
import EventSourcing

/// Relays to the message channels.
extension DomainDirectory {
  /// Starts publishing a domain's log, with one relay for each place. Call once for each domain.
  func publish(_ domain: Name) async throws {
    let store = try await storage.domain(domain)
    for channel in brokers {
      let subscription = Relay.subscription(to: channel)
      for partition in 0..<store.partitions {
        let relay = Relay(
          to: channel, store: store, partition: partition, owner: observer.owner,
          observe: observing(subscription, store, partition))
        subscriptions.start { await relay.run() }
      }
    }
  }
}
