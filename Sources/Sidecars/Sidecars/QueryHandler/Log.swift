import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Log`: reads and follows a domain's log (port 1314).
  public static func log(
    _ domains: QueriedDomains, _ calls: ConsumerCalls = ConsumerCalls()
  ) -> Service {
    Service(
      "outrider.v1.Log",
      [
        "Read": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.ReadLogRequest(wireBytes: request)
            let store = try await domains.store(for: request)
            let read: @Sendable () async throws -> Void = {
              var entries = LogEntries(after: request.after, limit: request.limit)
              try await domains.reader(of: store, for: context).log(
                after: request.after, follow: request.follow, limit: request.limit
              ) { recorded in
                for entry in entries.upTo(recorded) { try await responses.send(entry.wireBytes) }
              }
            }
            if request.follow { try await calls.run(read) } else { try await read() }
          }
        },
        "Head": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.HeadRequest(wireBytes: request)
            let store = try await domains.store(of: request.domain)
            var positions: [Position] = []
            for partition in 0..<store.partitions {
              positions.append(try await store.head(ofPartition: partition))
            }
            return OutriderV1.HeadResponse(positions: positions).wireBytes
          }
        },
        "Domains": .unary { _, _ in
          try await answering {
            OutriderV1.DomainsResponse(domains: try await domains.names()).wireBytes
          }
        },
      ])
  }
}

/// The log as callers see it: its commits, and a tombstone for each position without one.
struct LogEntries {
  private var last: Position
  private var remaining: UInt64

  init(after position: Position, limit: Int?) {
    last = position
    remaining = limit.map { UInt64($0) } ?? .max
  }

  /// The entries from the last one up to this commit, within the limit.
  mutating func upTo(_ recorded: RecordedCommit) -> [OutriderV1.LogEntry] {
    let partition = last.partition
    let skipped = last.number + 1..<recorded.position.number
    var entries = skipped.prefix(Int(clamping: remaining)).map { number in
      OutriderV1.LogEntry(
        position: Position(partition: partition, number: number), content: .tombstone)
    }
    if remaining > entries.count { entries.append(OutriderV1.LogEntry(recorded)) }
    remaining -= UInt64(entries.count)
    last = recorded.position
    return entries
  }
}

extension QueriedDomains {
  fileprivate func store(
    for request: OutriderV1.ReadLogRequest
  ) async throws -> any DomainStore {
    let store = try await self.store(of: request.domain)
    if request.after.partition >= store.partitions {
      throw EventSourcingError(
        .invalid,
        "partition is \(request.after.partition), but domain \(request.domain) has only "
          + "\(store.partitions), counted from 0")
    }
    return store
  }
}
