import EventModel

/// Folds events into the states of a domain's aggregates, in the function style. Works in
/// portions, so memory and messages are bounded for a history of any length.
public struct StateFold: Sendable {
  private let functions: any EntityFunctions
  private let settings: StateSettings
  /// Commits in one read. Bounds memory when commits are small: their metadata then outweighs
  /// their pages.
  private static let commitsMax = 8192

  public init(by functions: any EntityFunctions, settings: StateSettings = StateSettings()) {
    self.functions = functions
    self.settings = settings
  }

  /// Loads the aggregate at its latest snapshot. Ignores a snapshot from another kind of logic:
  /// the state is then folded from the first event on.
  func start(
    _ cover: Cover, in store: any EventStore
  ) async throws(StorageError) -> KnownAggregate {
    guard let snapshot = try await store.snapshot(of: cover.root),
      functions.isState(snapshot.state)
    else { return KnownAggregate(Aggregate(cover: cover)) }
    return KnownAggregate(
      Aggregate(cover: cover, snapshot: snapshot, pages: PageBlock(emptyAt: snapshot.next)))
  }

  /// Folds the events that the aggregate lacks. After a failure the next call continues where the
  /// fold stopped.
  func bringUp(
    _ known: inout KnownAggregate, from store: any EventStore, asking: LogicRetries,
    deadline: ContinuousClock.Instant
  ) async throws {
    while !known.isWhole {
      let pages = try await pages(behind: known.aggregate, in: store)
      for portion in pages.split(bySize: settings.portionBytes) {
        let state = try await apply(
          portion, of: known.aggregate.cover, to: known.aggregate.snapshot?.state, asking: asking,
          deadline: deadline)
        // Other writers may have appended since the end was read.
        known.note(end: max(known.end, portion.next))
        known.fold(portion, into: state)
      }
    }
  }

  private func pages(
    behind aggregate: Aggregate, in store: any EventStore
  ) async throws -> PageBlock {
    var pages = PageBlock(emptyAt: aggregate.next)
    let commits = try await store.commits(
      of: aggregate.cover.root, from: aggregate.next,
      limit: ReadLimit(count: Self.commitsMax, bytes: settings.portionBytes))
    for recorded in commits { pages.append(recorded.commit.pages.slice(from: pages.next)) }
    guard !pages.isEmpty else {
      throw EventSourcingError(
        .dataLoss, "event \(aggregate.next) of \(aggregate.cover) is missing in the store")
    }
    return pages
  }

  // MARK: New events

  /// Returns the state after new events.
  func apply(
    new pages: PageBlock, to aggregate: Aggregate, asking: LogicRetries,
    deadline: ContinuousClock.Instant
  ) async throws -> Bytes {
    var state = aggregate.snapshot?.state
    for portion in pages.split(bySize: settings.checksApply ? 0 : settings.portionBytes) {
      let (cover, before) = (aggregate.cover, state)
      let after = try await apply(
        portion, of: cover, to: before, asking: asking, deadline: deadline)
      if settings.checksApply {
        let again = try await apply(
          portion, of: cover, to: before, asking: asking, deadline: deadline)
        guard again == after else { throw Self.isNoFunction(portion, of: cover) }
      }
      state = after
    }
    // A commit holds a page, so there was a portion.
    return state ?? []
  }

  /// Whether to store the state after new events with them.
  ///
  /// - Parameter known: the aggregate before these events.
  func isSnapshotDue(after pages: PageBlock, of known: KnownAggregate) -> Bool {
    let (events, bytes) = known.sinceSnapshot
    return events + pages.count >= settings.snapshotEvents
      || bytes + pages.bytes.count >= settings.snapshotBytes
  }

  // MARK: One call

  private func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, asking: LogicRetries,
    deadline: ContinuousClock.Instant
  ) async throws -> Bytes {
    try await asking.ask(about: cover, until: deadline) { () throws(LogicError) in
      do throws(LogicError) {
        return try await functions.apply(pages, of: cover, to: state, deadline: deadline)
      } catch {
        switch error {
        case .refused(let refusal):
          let (name, status) = (Self.name(pages, of: cover), ErrorStatus(refusal))
          throw .malformed("Apply failed on \(name), with \(status.code): \(status.message)")
        case .malformed(let message):
          throw .malformed("\(message), to \(Self.name(pages, of: cover))")
        case .unavailable, .timedOut: throw error
        }
      }
    }
  }

  private static func isNoFunction(_ page: PageBlock, of cover: Cover) -> EventSourcingError {
    EventSourcingError(
      .logicDefect,
      "Apply answered two different states for \(name(page, of: cover)): it must depend on the event "
        + "and the state before it, and on nothing else")
  }

  private static func name(_ pages: PageBlock, of cover: Cover) -> String {
    guard pages.count == 1 else { return "events \(pages.first) to \(pages.last) of \(cover)" }
    let type = pages.eventTypes.first ?? ""
    return "event \(pages.first) of \(cover)" + (type.isEmpty ? "" : " (\(type))")
  }
}

/// Settings of aggregate states in the function style.
public struct StateSettings: Sendable, Equatable {
  /// Stores a snapshot with the commit that makes this many events since the last one.
  public var snapshotEvents = 100
  /// The same for this many bytes of events.
  public var snapshotBytes = 256 << 10
  /// The most bytes of events in one call of `apply`, except that one event always fits. A
  /// quarter of a gRPC server's default limit, since the state comes with them.
  public var portionBytes = 1 << 20
  /// Whether to fold each new event twice, to detect an `apply` that is not deterministic.
  public var checksApply = false

  public init() {}
}
