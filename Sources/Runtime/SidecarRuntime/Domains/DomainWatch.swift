import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Sidecars
import Timing

/// Has each domain followed as soon as it exists, by whosever hand it came to be.
final class DomainWatch: ServiceLifecycle.Service {
  private let histories: any Histories
  private let isMeant: @Sendable (Name) -> Bool
  private let follow: @Sendable (Name) async throws -> Void
  private let logger: Logger
  /// How long a new domain of another process may go unseen.
  private let interval: Duration
  private let looks: AsyncStream<Void>
  private let nextLook: AsyncStream<Void>.Continuation

  /// What tells a watch to look now, before there is one.
  typealias Looks = (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

  static func looks() -> Looks { AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// - Parameters:
  ///   - isMeant: whether a domain is one of those that are to be followed.
  ///   - follow: starts what follows a domain; called until it succeeds, once, for each domain.
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

  /// Looks for new domains now.
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

  /// One domain that cannot be followed does not keep the others from being.
  private func followNew(_ followed: inout Set<Name>) async {
    do {
      let existing = try await histories.domains()
      for domain in existing where isMeant(domain) && !followed.contains(domain) {
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
