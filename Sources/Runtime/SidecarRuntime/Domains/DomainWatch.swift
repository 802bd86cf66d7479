import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Sidecars
import Timing

/// Starts following each domain once it exists, whichever process created it.
final class DomainWatch: ServiceLifecycle.Service {
  private let histories: any Histories
  private let isMeant: @Sendable (Name) -> Bool
  private let follow: @Sendable (Name) async throws -> Void
  private let logger: Logger
  /// The longest time until a domain of another process is seen.
  private let interval: Duration
  private let looks: AsyncStream<Void>
  private let nextLook: AsyncStream<Void>.Continuation

  /// Tells a watch to look now; made before the watch.
  typealias Looks = (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

  static func looks() -> Looks { AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// - Parameters:
  ///   - isMeant: true if the domain is to be followed.
  ///   - follow: starts following a domain; called again until it succeeds once.
  init(
    histories: any Histories, where isMeant: @escaping @Sendable (Name) -> Bool,
    interval: Duration = .seconds(1), logger: Logger, looks: Looks = DomainWatch.looks(),
    follow: @escaping @Sendable (Name) async throws -> Void
  ) {
    self.histories = histories
    self.isMeant = isMeant
    self.follow = follow
    self.logger = logger
    self.interval = interval
    (self.looks, nextLook) = looks
  }

  /// Looks for new domains at once.
  func look() { nextLook.yield() }

  func run() async {
    await cancelWhenGracefulShutdown { [self] in
      await withDiscardingTaskGroup { group in
        group.addTask { [self] in
          while !Task.isCancelled {
            look()
            try? await Environment.live.sleep(interval)
          }
        }
        var followed: Set<Name> = []
        for await _ in looks { await followNew(&followed) }
        group.cancelAll()
      }
    }
  }

  /// A domain that cannot be followed does not hold up the others.
  private func followNew(_ followed: inout Set<Name>) async {
    do {
      let existing = try await histories.domains()
      for domain in existing where isMeant(domain) && !followed.contains(domain) {
        if Task.isCancelled { return }
        do {
          try await follow(domain)
          followed.insert(domain)
        } catch {
          report(error, "a domain cannot be followed, trying again", ["domain": "\(domain)"])
        }
      }
    } catch {
      report(error, "domains cannot be listed, trying again", [:])
    }
  }

  private func report(_ error: any Error, _ message: Logger.Message, _ metadata: Logger.Metadata) {
    if Task.isCancelled { return }
    let reason = (error as? StorageError)?.description ?? ErrorStatus(error).message
    logger.error(message, metadata: metadata.merging(["error": "\(reason)"]) { $1 })
  }
}
