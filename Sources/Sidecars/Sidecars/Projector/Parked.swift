import Encodings
import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Parked`: manages aggregates whose events a projector or a saga refuses (ports
  /// 1315 and 1316).
  public static func parked(_ domains: ServedDomains<some WithParkingLot>) -> Service {
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

/// Serves a domain with aggregates that may be parked.
public protocol WithParkingLot: Sendable {
  var parkingLot: ParkingLot { get }
}

private func list(
  _ request: OutriderV1.ListParkedRequest, in domains: ServedDomains<some WithParkingLot>
) async throws -> OutriderV1.ListParkedResponse {
  let last = request.page.token.isEmpty ? nil : try PageToken(request.page.token)
  let size = request.page.limit
  var parked: [OutriderV1.ParkedAggregate] = []
  let names = request.domain.map { [$0] } ?? domains.opened
  for domain in names.drop(while: { last != nil && $0 != last?.domain }) {
    let lot = try await domains.serving(domain).parkingLot
    parked += try await lot.list(
      request.subscription, after: domain == last?.domain ? last?.place : nil,
      limit: size - parked.count
    ).map { .init($0, in: domain) }
    if parked.count >= size { break }
  }
  return OutriderV1.ListParkedResponse(
    parked: parked,
    nextPage: parked.count < size ? [] : parked.last.map { PageToken($0).bytes } ?? [])
}

/// The last aggregate of a page: its root, the length of its domain's name in two bytes, that
/// name, and the subscription's.
private struct PageToken {
  let domain: Name
  let place: ParkingLot.Place

  init(_ parked: OutriderV1.ParkedAggregate) {
    domain = parked.cover.domain
    place = ParkingLot.Place(subscription: parked.subscription, root: parked.cover.root)
  }

  init(_ bytes: Bytes) throws {
    let names = bytes.dropFirst(Root.byteCount)
    guard let root = Root(bytes.prefix(Root.byteCount)), names.count >= 2 else {
      throw Self.unknown
    }
    let length = Int(bigEndianBytes: names.prefix(2))
    let rest = names.dropFirst(2)
    guard rest.count >= length else { throw Self.unknown }
    domain = Name(String(decoding: rest.prefix(length), as: UTF8.self))
    place = ParkingLot.Place(
      subscription: Name(String(decoding: rest.dropFirst(length), as: UTF8.self)), root: root)
  }

  var bytes: Bytes {
    let length = UInt16(truncatingIfNeeded: domain.utf8.count)
    return place.root.bytes + length.bigEndianBytes + domain.utf8 + place.subscription.utf8
  }

  private static let unknown = EventSourcingError(
    .invalid, "page_token is not one that List gave")
}

private func outcome(of parked: ParkedAggregate?, _ cover: Cover) async throws -> Message {
  OutriderV1.ParkedOutcome(stillParked: parked.map { .init($0, in: cover.domain) }).wireBytes
}

extension OutriderV1.ParkedAggregate {
  public init(_ parked: ParkedAggregate, in domain: Name) {
    self.init(
      subscription: parked.subscription, cover: Cover(domain: domain, root: parked.root),
      firstSequence: parked.firstSequence, statusCode: parked.statusCode,
      reason: parked.reason, tries: parked.tries, parkedAt: parked.parkedAt)
  }
}
