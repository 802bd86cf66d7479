import EventModel
import EventSourcing
import RPC
import Wire

/// Serves one domain in the projector role.
public struct ProjectingDomain: WithParkingLot {
  public var projectors: [DomainProjector]
  public var parkingLot: ParkingLot
  /// Nil if events do not come from a channel.
  public var deadLetters: DeadLetterOffice?

  public init(
    projectors: [DomainProjector], parkingLot: ParkingLot, deadLetters: DeadLetterOffice? = nil
  ) {
    self.projectors = projectors
    self.parkingLot = parkingLot
    self.deadLetters = deadLetters
  }
}

extension Service {
  /// `evented.ProjectorCoordinator`: takes events on the projectors' behalf (port 1315).
  ///
  /// A book names an aggregate and its last event to handle. The events come from the store, so
  /// projectors see every committed event and nothing else, whatever a caller sends.
  public static func projectorCoordinator(
    _ domains: ServedDomains<ProjectingDomain>, deadlineDefault: Duration
  ) -> Service {
    Service(
      "evented.ProjectorCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            let request = try Evented.CoordinatedProjection(wireBytes: request)
            let deadline = context.deadline.orAfter(deadlineDefault)
            for projector in try await domains.serving(request.book.cover.domain).projectors {
              _ = try await projector.liveProjector().handle(
                request.book.cover, upTo: request.book.pages.next, deadline: deadline)
            }
            return EmptyMessage().wireBytes
          }
        },
        "HandleSync": .unary { request, context in
          try await answering {
            let request = try Evented.CoordinatedProjection(wireBytes: request)
            let domain = try await domains.serving(request.book.cover.domain)
            let projector = try domain.projector(named: request.projector)
            let projection = try await projector.liveProjector().handle(
              request.book.cover, upTo: request.book.pages.next,
              deadline: context.deadline.orAfter(deadlineDefault))
            return (projection ?? .nothing(of: projector, request.book.cover)).wireBytes
          }
        },
      ])
  }
}

extension ProjectingDomain {
  /// The projector that a call names, or the only one.
  func projector(named name: Name?) throws -> DomainProjector {
    let matching = projectors.filter { name == nil || $0.name == name }
    guard matching.count == 1 else {
      let names = projectors.map(\.name.text).joined(separator: ", ")
      throw EventSourcingError(
        .precondition, "projection.projector must name one of the projectors here: \(names)")
    }
    return matching[0]
  }
}

extension Projection {
  /// The answer for a projector that keeps its own read model.
  fileprivate static func nothing(of projector: DomainProjector, _ cover: Cover) -> Projection {
    Projection(projector: projector.name, cover: cover, sequence: .first, value: [])
  }
}
