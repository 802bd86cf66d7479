import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// Delivers one entity type's events for a transient subscription: it reads the log by itself,
/// and every connection gets all events.
struct TransientFeed: Sendable {
  private static let head = Method(service: "outrider.v1.Log", name: "Head")
  private static let read = Method(service: "outrider.v1.Log", name: "Read")

  let sink: EventSink
  let calls: EventuateCalls
  let start: SubscriptionRegistry.Start
  let environment: Environment
  /// Whether the log's end is known.
  let isOpened = Watched(false)

  private var domain: Name { sink.type.domain }

  /// Runs until cancelled. Throws permanent failures.
  func run(notifyingProgress: Bool) async throws(EventuateFailure) {
    var heads: [Position] = []
    try await persisting {
      let answer = try await calls.query(
        Self.head, OutriderV1.HeadRequest(domain: domain).wireBytes, on: domain)
      heads = try OutriderV1.HeadResponse(wireBytes: answer).positions
    }
    isOpened.change { $0 = true }
    let ends = Watched(notifyingProgress ? Self.ends(heads) : nil)
    if notifyingProgress, start == .head { reached(heads, ends) }
    await sink.send(ends.change { $0?.due() ?? [] })
    let failure = await withTaskGroup(of: EventuateFailure?.self) { group in
      for head in heads {
        group.addTask {
          do throws(EventuateFailure) {
            try await follow(head, ends)
            return nil
          } catch { return error }
        }
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    if let failure { throw failure }
  }

  /// This connection holds every swimlane.
  private static func ends(_ heads: [Position]) -> EndOfEvents {
    var ends = EndOfEvents(heads: heads)
    for head in heads {
      for lane in 0..<EndOfEvents.swimlanes { ends.gained(lane, partition: head.partition) }
    }
    return ends
  }

  private func reached(_ positions: [Position], _ ends: Watched<EndOfEvents?>) {
    ends.change { ends in
      for position in positions {
        for lane in 0..<EndOfEvents.swimlanes {
          ends?.reached(position.number, lane: lane, partition: position.partition)
        }
      }
    }
  }

  private func follow(
    _ head: Position, _ ends: Watched<EndOfEvents?>
  ) async throws(EventuateFailure) {
    var after = start == .head ? head : Position(partition: head.partition, number: 0)
    try await persisting {
      let request = OutriderV1.ReadLogRequest(domain: domain, after: after, follow: true)
      let call = try await calls.read(Self.read, request.wireBytes, on: domain, isEndless: true)
      do {
        for try await message in call.responses {
          let entry = try OutriderV1.LogEntry(wireBytes: message)
          if case .commit(let book, _, _) = entry.content {
            let lane = SubscriptionLane.lane(
              of: book.cover.root, of: Int(EndOfEvents.swimlanes))
            _ = try await sink.send(book, at: entry.position, lane: lane)
          }
          after = entry.position
          if after.number >= head.number, ends.look({ $0?.isOver == false }) {
            reached([after], ends)
            await sink.send(ends.change { $0?.due() ?? [] })
          }
        }
      } catch let status as RPCStatus where status.code == .dataLoss {
        // Skip an unreadable commit: others are not affected.
        after = after.next
      }
      throw RPCStatus(.unavailable, "the log ended: it is read on")
    }
  }

  /// Retries temporary failures with back-off.
  private func persisting(
    _ body: () async throws -> Void
  ) async throws(EventuateFailure) {
    var backoff = Backoff(from: .milliseconds(100), upTo: .seconds(5))
    while !Task.isCancelled {
      do { return try await body() } catch {
        let failure =
          (error as? EventuateFailure)
          ?? EventuateFailure((error as? RPCStatus) ?? RPCStatus(.internal, "\(error)"))
        guard failure.status == 503 else { throw failure }
        try? await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }
}
