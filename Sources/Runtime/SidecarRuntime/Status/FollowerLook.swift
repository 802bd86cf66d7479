import EventModel
import EventSourcing
import Telemetry
import Timing
import Wire

/// Reads the progress of every consumer from the store, so that stopped ones and those of other
/// processes show as well.
struct FollowerLook: Sendable {
  struct Answer: Sendable {
    var followers: [OutriderV1.FollowerStatus] = []
    var domainsLeftOut = 0
  }

  let directory: DomainDirectory
  let meters: SubscriptionMetrics
  let leases: LeaseWatch
  /// The most domains to look at: each must be open for it.
  let domainsMax: Int
  let environment: Environment

  func look() async -> Answer {
    let domains: [Name]
    do { domains = try await directory.existing() } catch { return Answer() }
    let looked = domains.prefix(domainsMax)
    let found = await withTaskGroup(of: (Name, [OutriderV1.FollowerStatus]).self) { group in
      for domain in looked { group.addTask { (domain, await look(at: domain)) } }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    return Answer(
      followers: looked.flatMap { found[$0] ?? [] }, domainsLeftOut: domains.count - looked.count)
  }

  private func look(at domain: Name) async -> [OutriderV1.FollowerStatus] {
    let followers: [Follower]
    do { followers = try await directory.followers(of: domain) } catch {
      var status = OutriderV1.FollowerStatus(
        kind: .unspecified, name: "", domain: domain, partition: 0)
      status.error = Self.reason(error)
      return [status]
    }
    var found: [OutriderV1.FollowerStatus] = []
    for follower in followers {
      if let status = await status(of: follower) { found.append(status) }
    }
    return found
  }

  /// Nil if no consumer ever followed under this name.
  private func status(of follower: Follower) async -> OutriderV1.FollowerStatus? {
    let meter = meters.existing(
      follower.name, in: follower.store.domain, partition: follower.partition)
    var status = OutriderV1.FollowerStatus(
      kind: follower.kind, name: follower.name, domain: follower.store.domain,
      partition: follower.partition)
    do {
      if let name = follower.lease {
        guard let held = try await follower.store.holding(of: name) else {
          if meter == nil { return nil }
          return status
        }
        status.lease = lease(held, name, in: follower.store.domain)
      }
      // Read first: the log may grow meanwhile, and a consumer is never ahead of it.
      status.checkpoint = try await follower.checkpoint()
      status.head = try await follower.store.head(ofPartition: follower.partition).number
      if status.commitsBehind > 0 { status.lag = try await lag(of: follower, status.checkpoint) }
      if follower.parks { try await tellParked(of: follower, &status) }
      if let agenda = follower.agenda {
        status.timers = try await timers(of: agenda, in: follower.store)
      }
    } catch {
      status.error = Self.reason(error)
    }
    if let meter { meter.tell(&status) }
    return status
  }

  private static func reason(_ error: any Error) -> String {
    (error as? StorageError)?.message ?? ErrorStatus(error).message
  }

  private func lease(
    _ held: LeaseHolding, _ name: Name, in domain: Name
  ) -> OutriderV1.LeaseStatus {
    leases.note(held.token, of: name, in: domain)
    let seen = leases.reading(of: name, in: domain)
    let holder = held.expiry > environment.now() ? held.owner : nil
    return .init(
      holder: holder, since: holder == nil ? nil : seen?.since, changes: held.token,
      changesLately: seen?.changes ?? 0)
  }

  /// The age of the first unhandled commit.
  private func lag(of follower: Follower, _ checkpoint: UInt64) async throws -> Duration {
    let place = Position(partition: follower.partition, number: checkpoint)
    let next = try await follower.store.log(after: place, limit: ReadLimit(count: 1, bytes: 1))
    let age = next.first.map { environment.now().duration(since: $0.commit.createdAt) }
    return max(age ?? .zero, .zero)
  }

  /// One read, of the first that are due.
  private func timers(
    of agenda: Name, in store: any AgendaStore
  ) async throws -> OutriderV1.TimerStatus {
    let entries = try await store.entries(
      of: agenda, dueBy: nil, limit: OutriderV1.TimerStatus.max)
    let now = environment.now()
    return .init(set: entries.count, due: entries.count { $0.due <= now })
  }

  private func tellParked(
    of follower: Follower, _ status: inout OutriderV1.FollowerStatus
  ) async throws {
    let parked = try await follower.store.parked(
      by: follower.name, after: nil, limit: OutriderV1.FollowerStatus.parkedMax)
    status.parked = parked.count
    if let first = parked.first { status.firstParked = .init(first, in: follower.store.domain) }
  }
}

extension SubscriptionMeter {
  /// Adds what only this process knows.
  fileprivate func tell(_ status: inout OutriderV1.FollowerStatus) {
    let troubles = currentTroubles
    let shown = troubles.refused.values.sorted { ($1.tries, $0.root) < ($0.tries, $1.root) }
    status.refused = shown.prefix(10).map { .init($0, in: status.domain) }
    status.circuitIsOpen = isDown
    status.channelFailure = troubles.channelFailure.map { .init($0) }
    status.setAside = setAsideCount
    status.setAsideAt = troubles.setAsideAt
    status.deadLetters = UInt64(deadLetterCount ?? 0)
    status.waitsFor = troubles.away.map { .init($0.key, $0.value) }
      .sorted { $0.domain < $1.domain }
  }
}

extension OutriderV1.ChannelFailure {
  fileprivate init(_ error: ChannelError) {
    let kind: Kind =
      switch error.code {
      case .unavailable: .unavailable
      case .unroutable: .unroutable
      case .refused: .refused
      case .notPermitted: .notPermitted
      }
    self.init(kind, "\(error)")
  }
}
