import EventModel
import EventSourcing
import Logging

/// Relays to the message channels.
extension DomainDirectory {
  /// Starts publishing each domain once it exists; nil if there is no channel.
  func publishing(logger: Logger) -> DomainWatch? {
    if brokers.isEmpty { return nil }
    return DomainWatch(histories: storage, where: serves, logger: logger) { [self] domain in
      try await publish(domain)
    }
  }

  /// Starts publishing a domain's log, with one relay for each place. Call once for each domain.
  private func publish(_ domain: Name) async throws {
    let store = try await storage.domain(domain)
    for channel in brokers {
      let subscription = Relay.subscription(to: channel)
      for partition in 0..<store.partitions {
        let relay = Relay(
          to: channel, store: store, partition: partition, owner: owner,
          observe: observers.observing(subscription, store, partition))
        subscriptions.start { await relay.run() }
      }
    }
  }
}
