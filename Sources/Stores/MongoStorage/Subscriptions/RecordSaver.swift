import EventModel
import EventSourcing
import Timing

/// A record to save, and its waiting caller.
struct SaveCall: GroupedCall {
  struct Key: Hashable {
    let subscription: Name
    let root: Root
  }

  let save: RecordCollection.Save
  let arrival: ContinuousClock.Instant
  private let continuation: CheckedContinuation<Result<Bool, StorageError>, Never>

  init(
    _ record: ConsumerRecord, after previous: SequenceNumber,
    _ continuation: CheckedContinuation<Result<Bool, StorageError>, Never>
  ) {
    var random = Environment.live.generator
    save = RecordCollection.Save(
      record: record, previous: previous, id: .random(using: &random))
    self.continuation = continuation
    arrival = .now
  }

  var key: Key { Key(subscription: save.record.subscription, root: save.record.root) }
  var byteCount: Int { save.record.value?.count ?? 0 }

  func finish(_ isSaved: Bool) { continuation.resume(returning: .success(isSaved)) }
  func refuse(_ error: StorageError) { continuation.resume(returning: .failure(error)) }
}

/// Saves groups of records. Called on a thread that may block.
struct RecordSaver: Sendable {
  let server: Server
  let layout: DomainLayout
  let existence: DomainExistence
  /// Called with each new revision of a subscription.
  let announce: @Sendable (_ subscription: Name, _ revision: Revision) -> Void

  func save(_ calls: [SaveCall]) {
    var pace = RetryPace(until: (calls.map(\.arrival).min() ?? .now) + Limits.patience)
    while true {
      do throws(MongoFailure) {
        try server.withClient { client throws(MongoFailure) in
          try existence.ensure(client)
          try save(calls, layout.records(client))
        }
        return
      } catch {
        // A retry is idempotent.
        if error.isTemporary, pace.pause() { continue }
        for call in calls { call.refuse(error.storageError(server.place)) }
        return
      }
    }
  }

  private func save(_ calls: [SaveCall], _ records: RecordCollection) throws(MongoFailure) {
    let isSaved = try records.save(calls.map(\.save))
    let saved = zip(calls, isSaved).filter(\.1).map(\.0)
    // If numbering fails, readers number the changes later. Announce only stored revisions, or a
    // waiter would spin.
    if let revisions = try? records.number(saved.map(\.save)) {
      let own = zip(saved.map(\.key.subscription), revisions)
      for (subscription, revision) in Dictionary(own, uniquingKeysWith: max) {
        announce(subscription, revision)
      }
    }
    for (call, isSaved) in zip(calls, isSaved) { call.finish(isSaved) }
  }
}
