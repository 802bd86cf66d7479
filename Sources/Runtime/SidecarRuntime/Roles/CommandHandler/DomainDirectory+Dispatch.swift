import EventModel
import EventSourcing
import Sidecars
import Timing

/// Commands that are stored first, and carried out afterwards.
extension DomainDirectory {
  /// The dispatchers of asynchronous commands.
  ///
  /// - Parameter firstStored: called after the first command for each domain.
  func commandDispatchers(
    firstStored: @escaping @Sendable () -> Void
  ) -> ServedDomains<CommandDispatcher> {
    ServedDomains(names: names, countMax: configuration.limit.openDomains) { [self] domain in
      CommandDispatcher(
        journal(of: domain, in: try await storage.domain(.commands(of: domain))),
        events: try await storage.domain(domain), limits: configuration.commandLimits,
        payloads: try await schemas.rule(of: domain), firstStored: firstStored)
    }
  }

  /// Consumes a domain's commands from a channel, until the task is cancelled.
  ///
  /// - Parameter read: parses the command of each message.
  func takeCommands(
    for domain: Name, from channel: any CommandChannel,
    with dispatchers: ServedDomains<CommandDispatcher>, read: @escaping CommandIntake.Reader
  ) async {
    guard let store = await opened(.commands(of: domain)) else { return }
    let intake = CommandIntake(
      of: domain, from: channel, dispatcher: { try await dispatchers.serving(domain) },
      observe: observers.observing(CommandIntake.subscription(to: channel), store, 0), read: read)
    await intake.run()
  }

  /// Retries until a domain's store can be opened; nil if the task is cancelled before.
  private func opened(_ domain: Name) async -> (any DomainStore)? {
    var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(1))
    while !Task.isCancelled {
      do throws(StorageError) { return try await storage.domain(domain) } catch {
        try? await Environment.live.sleep(backoff.next(random: Environment.live.random()))
      }
    }
    return nil
  }

  private func journal(of domain: Name, in store: any DomainStore) -> CommandJournal {
    CommandJournal(of: domain, store: store, codec: DispatchMessages())
  }

  /// Starts carrying out the commands of an internal domain. Call once for each.
  func carryOut(_ commands: Name, with handlers: ServedDomains<CommandHandler>) async throws {
    guard let domain = commands.domainOfCommands else { return }
    let (store, events) = (try await storage.domain(commands), try await storage.domain(domain))
    for partition in 0..<store.partitions {
      let carrier = CommandCarrier(
        journal(of: domain, in: store), partition: partition, events: events
      ) { try await handlers.serving(domain) }
      let subscription = Subscription(
        consumer: observers.recorded(carrier), store: store, partition: partition, owner: owner,
        settings: configuration.carriers, companion: { try await carrier.companion() },
        observe: observers.observing(carrier.name, store, partition))
      subscriptions.start { await subscription.run() }
    }
  }
}
