import EventModel
import EventSourcing
import RPC
import Synchronization
import Wire

/// One call of `EventQuery.Synchronize`: keeps a client level with the aggregates that it names.
///
/// For each query the missing events are sent, and then every new one. An aggregate's answers are
/// sent one after the other, in its lane; so nothing falls between the reading of what is there and
/// the following of what comes.
final class SynchronizeCall: Sendable {
  private struct Interest {
    /// The first event that the client does not have.
    var next: SequenceNumber
    let upper: SequenceNumber?
    /// Which query it is from: a later one replaces an earlier one.
    let query: Int
  }

  private struct State {
    var interests: [Cover: Interest] = [:]
    var followed: Set<Name> = []
    var queryCount = 0
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

  /// Serves the call until the client ends it.
  func run(_ requests: RequestStream) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      for try await request in requests {
        let query = try Evented.Query(wireBytes: request)
        let store = try await domains.store(of: query.cover.domain)
        // The follower starts where the log ends now, before anything of this query is read.
        if state.withLock({ $0.followed.insert(store.domain).inserted }) {
          for partition in 0..<store.partitions {
            let head = try await store.head(ofPartition: partition)
            group.addTask { try await self.follow(store, after: head) }
          }
        }
        try await begin(query, in: store)
      }
    }
  }

  /// Sends what is missing, and notes from where on new events are wanted.
  private func begin(_ query: Evented.Query, in store: any DomainStore) async throws {
    let interest = state.withLock { state in
      state.queryCount += 1
      let interest = Interest(
        next: query.lower, upper: query.upper, query: state.queryCount)
      state.interests[query.cover] = interest
      return interest
    }
    try await catchUp(query.cover, interest, in: store)
  }

  private func catchUp(
    _ cover: Cover, _ interest: Interest, in store: any DomainStore
  ) async throws {
    try await lanes.run(on: cover.root) {
      let next = try await domains.reader(of: store, for: context).events(
        of: cover.root, from: interest.next, upTo: interest.upper
      ) { try await responses.send($0.wireBytes) }
      note(cover, next, of: interest)
    }
  }

  /// Moves the interest on, and ends it at its upper bound.
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

  private func follow(_ store: any DomainStore, after head: Position) async throws {
    try await domains.reader(of: store, for: context).log(after: head, follow: true) { recorded in
      let cover = recorded.commit.cover
      guard let interest = state.withLock({ $0.interests[cover] }),
        interest.next < recorded.commit.pages.next
      else { return }
      try await deliver(recorded.commit, in: store)
    }
  }

  private func deliver(_ commit: Commit, in store: any DomainStore) async throws {
    let cover = commit.cover
    try await lanes.run(on: cover.root) {
      // Read again: the lane may have been busy with just these events.
      guard let interest = state.withLock({ $0.interests[cover] }),
        interest.next < commit.pages.next
      else { return }
      guard interest.next >= commit.pages.first else {
        let next = try await domains.reader(of: store, for: context).events(
          of: cover.root, from: interest.next, upTo: interest.upper
        ) { try await responses.send($0.wireBytes) }
        return note(cover, next, of: interest)
      }
      var book = EventBook(commit)
      book.pages = commit.pages.slice(from: interest.next, upTo: interest.upper)
      if !book.pages.isEmpty { try await responses.send(book.wireBytes) }
      note(cover, book.pages.next, of: interest)
    }
  }
}
