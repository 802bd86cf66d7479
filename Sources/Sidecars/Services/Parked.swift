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
            return try await list(request, in: domains).wireBytes
          }
        },
        "Retry": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.RetryParkedRequest(wireBytes: request)
            let lot = try await domains.serving(request.cover.domain).parkingLot
            return try await outcome(
              of: lot.retry(request.subscription, root: request.cover.root), request.cover)
          }
        },
        "Skip": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.SkipParkedRequest(wireBytes: request)
            let lot = try await domains.serving(request.cover.domain).parkingLot
            return try await outcome(
              of: lot.skip(
                request.subscription, root: request.cover.root, through: request.through),
              request.cover)
          }
        },
      ])
  }
}

private let pageSizeDefault = 100
private let pageSizeMax = 1000

/// A page token is the number of parked aggregates before the page.
private func list(
  _ request: OutriderV1.ListParkedRequest, in domains: ServedDomains<ProjectingDomain>
) async throws -> OutriderV1.ListParkedResponse {
  let token = String(decoding: request.page.token, as: UTF8.self)
  guard let start = token.isEmpty ? 0 : Int(token), start >= 0 else {
    throw EventSourcingError(.invalid, "page_token is not one that List gave")
  }
  var parked: [OutriderV1.ParkedAggregate] = []
  for domain in request.domain.map({ [$0] }) ?? domains.opened {
    let lot = try await domains.serving(domain).parkingLot
    parked += try await lot.list(request.subscription).map { .init($0, in: domain) }
  }
  let page = parked.dropFirst(start).prefix(min(request.page.size ?? pageSizeDefault, pageSizeMax))
  return OutriderV1.ListParkedResponse(
    parked: Array(page),
    nextPage: page.endIndex < parked.count ? Bytes(String(page.endIndex).utf8) : [])
}

private func outcome(of parked: ParkedAggregate?, _ cover: Cover) async throws -> Message {
  OutriderV1.ParkedOutcome(stillParked: parked.map { .init($0, in: cover.domain) }).wireBytes
}

extension OutriderV1.ParkedAggregate {
  fileprivate init(_ parked: ParkedAggregate, in domain: Name) {
    self.init(
      subscription: parked.subscription, cover: Cover(domain: domain, root: parked.root),
      firstSequence: parked.firstSequence, statusCode: parked.statusCode, reason: parked.reason,
      tries: parked.tries, parkedAt: parked.parkedAt)
  }
}
