import EventModel
import EventSourcing
import RPC
import Synchronization
import Wire

/// One call of `EventQuery.Synchronize`: keeps a client up to date with the aggregates it names.
///
/// For each query, sends the missing events and then every new one. Each aggregate has a lane,
/// which sends its answers in order and looks up what the client has. So no event is lost or sent
/// twice between reading and following.
final class SynchronizeCall: Sendable {
  /// The most aggregates of one call. One more is FAILED_PRECONDITION.
  private static let interestsMax = 10_000

  private struct Interest {
    /// The next event that the client lacks.
    var next: SequenceNumber
    let upper: SequenceNumber?
    /// The query's number: a later query replaces an earlier one.
    let query: Int

    func wants(_ commit: Commit) -> Bool { next < commit.pages.next }
  }

  private struct State {
    var interests: [Cover: Interest] = [:]
    var followed: Set<Name> = []
    var queryCount = 0
  }

  private enum Step: Sendable {
    /// A query was served. Follow the log behind these positions; none if it is followed already.
    case served(any DomainStore, follow: [Position])
    case ended
  }

  private let domains: QueriedDomains
  private let responses: ResponseStream
  private let context: ServerContext
  private let lanes = Lanes(waitersMax: 10_000)
  private let state = Mutex(State())

  init(_ domains: QueriedDomains, _ responses: ResponseStream, _ context: ServerContext) {
    self.domains = domains
    self.responses = responses
    self.context = context
  }

  /// Serves the call until the client ends it, or an error occurs.
  func run(_ requests: RequestStream) async throws {
    try await withThrowingTaskGroup(of: Step.self) { group in
      group.addTask { try await self.serveNext(of: requests) }
      // Waits only for the group, so an error of any task ends the call.
      while let step = try await group.next() {
        guard case .served(let store, let heads) = step else { continue }
        for head in heads { group.addTask { try await self.follow(store, after: head) } }
        group.addTask { try await self.serveNext(of: requests) }
      }
    }
  }

  private func serveNext(of requests: RequestStream) async throws -> Step {
    var requests = requests.makeAsyncIterator()
    guard let request = try await requests.next() else { return .ended }
    let query = try Evented.Query(wireBytes: request)
    let store = try await domains.store(of: query.cover.domain)
    var heads: [Position] = []
    // The follower starts at the current head, before anything of this query is read.
    if state.withLock({ $0.followed.insert(store.domain).inserted }) {
      for partition in 0..<store.partitions {
        heads.append(try await store.head(ofPartition: partition))
      }
    }
    try note(query)
    try await bringUp(query.cover, in: store)
    return .served(store, follow: heads)
  }

  private func note(_ query: Evented.Query) throws {
    try state.withLock { state in
      guard
        state.interests[query.cover] != nil || state.interests.count < Self.interestsMax
      else {
        throw EventSourcingError(
          .precondition,
          "one call follows \(Self.interestsMax) aggregates at most: make another call, or "
            + "read the log of domain \(query.cover.domain)")
      }
      state.queryCount += 1
      state.interests[query.cover] = Interest(
        next: query.lower, upper: query.upper, query: state.queryCount)
    }
  }

  private func follow(_ store: any DomainStore, after head: Position) async throws -> Step {
    try await domains.reader(of: store, for: context).log(after: head, follow: true) { recorded in
      let commit = recorded.commit
      guard interest(in: commit.cover)?.wants(commit) == true else { return }
      try await bringUp(commit.cover, with: commit, in: store)
    }
    return .ended
  }

  /// Sends what the client lacks: the rest of the commit, or, if it lacks more, all stored events.
  private func bringUp(
    _ cover: Cover, with commit: Commit? = nil, in store: any DomainStore
  ) async throws {
    try await lanes.run(on: cover.root) {
      guard let interest = interest(in: cover) else { return }
      var next: SequenceNumber
      if let commit, interest.next >= commit.pages.first {
        guard interest.wants(commit) else { return }
        var book = EventBook(commit)
        book.pages = commit.pages.slice(from: interest.next, upTo: interest.upper)
        next = book.pages.next
        if !book.pages.isEmpty { try await responses.send(book.wireBytes) }
      } else {
        next = try await domains.reader(of: store, for: context).events(
          of: cover.root, from: interest.next, upTo: interest.upper
        ) { try await responses.send($0.wireBytes) }
      }
      note(cover, next, of: interest)
    }
  }

  private func interest(in cover: Cover) -> Interest? { state.withLock { $0.interests[cover] } }

  /// Advances the interest, and ends it at its upper bound.
  private func note(_ cover: Cover, _ next: SequenceNumber, of interest: Interest) {
    state.withLock { state in
      guard state.interests[cover]?.query == interest.query else { return }
      if let upper = interest.upper, next >= upper {
        state.interests[cover] = nil
      } else {
        state.interests[cover]?.next = next
      }
    }
  }
}
