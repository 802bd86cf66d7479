import EventModel
import Timing

/// Retries the events of a parked aggregate until it has caught up with its stream.
///
/// The aggregate stays parked until then, so a failure at any point loses nothing. The
/// subscription works on the same aggregate meanwhile, by this rule: a parked aggregate is *in
/// force* while the consumer has not passed the event at which it is parked.
/// - In force, the subscription passes the aggregate's commits. Each was in the stream before the
///   first event was handled here, so the later search for the stream's end finds it.
/// - From the first event on, the subscription delivers the commits that it reads, and the
///   consumer repairs the gap before them.
struct ParkedRetry {
  let store: any ConsumerStore
  let consumer: any BookConsumer
  let settings: SubscriptionSettings
  let environment: Environment

  enum Outcome {
    case caughtUp
    /// The consumer refused; gives the new state of the parked aggregate.
    case refused(ParkedAggregate)
    /// The consumer or the store is unavailable; the aggregate stays parked.
    case interrupted(DeliveryFailure)
  }

  func run(_ parked: ParkedAggregate) async throws(StorageError) -> Outcome {
    do {
      try await catchUp(parked.root)
      try await store.unpark(parked.subscription, root: parked.root, at: parked.firstSequence)
      return .caughtUp
    } catch let error as StorageError {
      throw error
    } catch {
      return try await parkAgain(parked, DeliveryFailure(error))
    }
  }

  private func catchUp(_ root: Root) async throws {
    var next = try await consumer.next(of: root)
    while true {
      let limit = ReadLimit(count: 64, bytes: settings.bookBytesMax)
      let commits = try await store.commits(of: root, from: next, limit: limit)
      guard let last = commits.last?.commit.pages.next, next < last else { return }
      do {
        try await consume(commits, from: next, bytesMax: settings.bookBytesMax)
      } catch  where !DeliveryFailure(error).isTemporary {
        // One page at a time, so that only the refused one is held back.
        try await consume(commits, from: try await consumer.next(of: root), bytesMax: 0)
      }
      next = last
    }
  }

  private func consume(
    _ commits: [RecordedCommit], from next: SequenceNumber, bytesMax: Int
  ) async throws {
    for book in EventBook.joining(commits, from: next, bytesMax: bytesMax) {
      try await consumer.consume(
        book, deadline: environment.instant() + settings.deliveryTimeout)
    }
  }

  private func parkAgain(
    _ parked: ParkedAggregate, _ failure: DeliveryFailure
  ) async throws(StorageError) -> Outcome {
    var again = parked
    again.firstSequence = try await consumer.next(of: parked.root)
    guard failure.isTemporary else {
      again.reason = failure.message
      again.statusCode = failure.statusCode
      again.tries += 1
      try await store.park(again)
      return .refused(again)
    }
    if again != parked { try await store.park(again) }
    return .interrupted(failure)
  }
}
