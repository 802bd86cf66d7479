import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Parked`: looks after aggregates whose events a projector refuses (port 1315).
  public static func parked(_ domains: ServedDomains<ProjectingDomain>) -> Service {
    Service(
      "outrider.v1.Parked",
      [
        "List": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.ListParkedRequest(wireBytes: request)
            let lot = try await domains.serving(request.domain).parkingLot
            let name = request.subscription.isEmpty ? nil : request.subscription
            return try page(await lot.list(name), of: request).wireBytes
          }
        },
        "Retry": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.RetryParkedRequest(wireBytes: request)
            let lot = try await domains.serving(request.cover.domain).parkingLot
            return try await outcome(
              of: lot.retry(request.subscription, root: request.cover.root),
              request.subscription, request.cover, lot)
          }
        },
        "Skip": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.SkipParkedRequest(wireBytes: request)
            let lot = try await domains.serving(request.cover.domain).parkingLot
            return try await outcome(
              of: lot.skip(
                request.subscription, root: request.cover.root, resumeAt: request.resumeAt),
              request.subscription, request.cover, lot)
          }
        },
      ])
  }
}

/// A page token is the number of parked aggregates before the page.
private func page(
  _ parked: [ParkedAggregate], of request: OutriderV1.ListParkedRequest
) throws -> OutriderV1.ListParkedResponse {
  let text = String(decoding: request.pageToken, as: UTF8.self)
  guard let start = text.isEmpty ? 0 : Int(text), start >= 0 else {
    throw EventSourcingError(.invalid, "page_token is not one that List gave")
  }
  let size = request.pageSize == 0 ? 100 : min(request.pageSize, 1000)
  let end = min(start, parked.count) + min(size, max(0, parked.count - start))
  return OutriderV1.ListParkedResponse(
    parked: parked[min(start, parked.count)..<end].map {
      OutriderV1.ParkedAggregate($0, in: request.domain)
    },
    nextPageToken: end < parked.count ? Bytes(String(end).utf8) : [])
}

private func outcome(
  of parked: EventSourcing.ParkedAggregate?, _ subscription: String, _ cover: Cover,
  _ lot: ParkingLot
) async throws -> Message {
  OutriderV1.ParkedOutcome(
    stillParked: parked.map { OutriderV1.ParkedAggregate($0, in: cover.domain) },
    nextSequence: try await lot.next(subscription, root: cover.root)
  ).wireBytes
}

extension OutriderV1.ParkedAggregate {
  fileprivate init(_ parked: EventSourcing.ParkedAggregate, in domain: String) {
    self.init(
      subscription: parked.subscription, cover: Cover(domain: domain, root: parked.root),
      firstSequence: parked.firstSequence, code: parked.statusCode, reason: parked.reason,
      tries: parked.tries, parkedAt: parked.parkedAt)
  }
}
