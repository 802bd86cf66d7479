import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Log`: reads and follows a domain's log (port 1314).
  public static func log(_ domains: QueriedDomains) -> Service {
    Service(
      "outrider.v1.Log",
      [
        "Read": .serverStreaming { request, responses, _ in
          try await answering {
            let request = try OutriderV1.ReadLogRequest(wireBytes: request)
            guard let store = try await domains.store(for: request) else { return }
            try await domains.reader(of: store).log(
              after: request.after, follow: request.follow, limit: request.limit
            ) { recorded in
              try await responses.send(OutriderV1.LogEntry(recorded).wireBytes)
            }
          }
        },
        "Head": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.HeadRequest(wireBytes: request)
            var positions: [Position] = []
            if let store = try await domains.existing(request.domain) {
              for partition in 0..<store.partitions {
                positions.append(try await store.head(ofPartition: partition))
              }
            }
            return OutriderV1.HeadResponse(positions: positions).wireBytes
          }
        },
      ])
  }
}

extension QueriedDomains {
  /// A follower of a domain that is not there yet waits for its first event.
  fileprivate func store(
    for request: OutriderV1.ReadLogRequest
  ) async throws -> (any DomainStore)? {
    let found = try await existing(request.domain)
    let store = request.follow && found == nil ? try await opened(request.domain) : found
    if let store, request.after.partition >= store.partitions {
      throw EventSourcingError(
        .invalid,
        "partition is \(request.after.partition), but domain \(request.domain) has only "
          + "\(store.partitions), counted from 0")
    }
    return store
  }
}
