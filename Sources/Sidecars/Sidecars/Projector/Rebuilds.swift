import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Rebuilds`: rebuilds projections beside those that queries read (port 1315).
  ///
  /// - Parameter switchPatience: the longest wait of a switch for the candidate, for calls without
  ///   a deadline.
  public static func rebuilds(
    _ domains: ServedDomains<ProjectingDomain>, live: LiveGenerations,
    readYourWrites: ReadYourWrites, switchPatience: Duration
  ) -> Service {
    let comparing = ConcurrencyLimit(16)
    /// The domain must be named.
    @Sendable func rebuild(_ target: OutriderV1.RebuildTarget) async throws -> Rebuild {
      let projector = try await domains.serving(target.domain).projector(named: target.projector)
      return Rebuild(
        of: projector.name, store: projector.store, live: live, readYourWrites: readYourWrites)
    }
    /// Makes a change, and answers the state after it.
    @Sendable func answer(
      _ target: OutriderV1.RebuildTarget, _ change: (Rebuild) async throws -> Void = { _ in }
    ) async throws -> Message {
      let target = try target.named(in: domains)
      let rebuild = try await rebuild(target)
      try await change(rebuild)
      return OutriderV1.RebuildState(try await rebuild.status(), of: target).wireBytes
    }
    return Service(
      "outrider.v1.Rebuilds",
      [
        "Get": .unary { request, _ in
          try await answering {
            try await answer(try OutriderV1.RebuildTarget(wireBytes: request))
          }
        },
        "Start": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.StartRebuildRequest(wireBytes: request)
            return try await answer(request.target) { rebuild in
              try await rebuild.begin(throttle: request.eventsPerSecond)
            }
          }
        },
        "Verify": .serverStreaming { request, responses, context in
          try await answering {
            let target = try OutriderV1.RebuildTarget(wireBytes: request).named(in: domains)
            try await verify(try await rebuild(target), target, comparing, responses, context)
          }
        },
        "SwitchOver": .unary { request, context in
          try await answering {
            let request = try OutriderV1.SwitchRebuildRequest(wireBytes: request)
            return try await answer(request.target) { rebuild in
              try await rebuild.switchOver(
                evenIfParked: request.evenIfParked,
                until: context.deadline.orAfter(switchPatience))
            }
          }
        },
        "Rollback": .unary { request, _ in
          try await answering {
            let target = try OutriderV1.RebuildTarget(wireBytes: request)
            return try await answer(target) { rebuild in try await rebuild.rollBack() }
          }
        },
        "Drop": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.DropRebuildRequest(wireBytes: request)
            return try await answer(request.target) { rebuild in
              try await rebuild.drop(request.generation.map(Generation.init))
            }
          }
        },
      ])
  }
}

private func verify(
  _ rebuild: Rebuild, _ target: OutriderV1.RebuildTarget, _ gate: ConcurrencyLimit,
  _ responses: ResponseStream, _ context: ServerContext
) async throws {
  var equal: UInt64 = 0
  let difference = try await rebuild.compare(
    gate: gate, hold: { try await context.hold($0) },
    progress: { count in
      equal = UInt64(count)
      try await responses.send(OutriderV1.VerifyProgress(equal: equal).wireBytes)
    })
  guard let difference else { return }
  let cover = Cover(domain: target.domain, root: difference.root)
  try await responses.send(
    OutriderV1.VerifyProgress(
      equal: equal,
      difference: OutriderV1.ProjectionDifference(
        root: difference.root,
        live: difference.old.flatMap { Projection(of: target.projector, cover, $0) },
        candidate: difference.new.flatMap { Projection(of: target.projector, cover, $0) })
    ).wireBytes)
}

extension OutriderV1.RebuildTarget {
  /// Fills in the only served domain if none is named.
  fileprivate func named(in domains: ServedDomains<ProjectingDomain>) throws -> Self {
    if domain != "" { return self }
    let served = domains.names ?? domains.opened
    guard served.count == 1 else {
      let names = served.map(\.text).joined(separator: ", ")
      throw EventSourcingError(.invalid, "name a domain: the projector serves \(names)")
    }
    return Self(projector: projector, domain: served[0])
  }
}

extension Projection {
  /// Nil if no event is handled. Has no value if the projector keeps its own read model.
  fileprivate init?(of projector: Name, _ cover: Cover, _ record: ConsumerRecord) {
    guard record.next > .first else { return nil }
    self.init(
      projector: projector, cover: cover,
      sequence: SequenceNumber(record.next.rawValue - 1), value: record.value ?? [])
  }
}

extension OutriderV1.RebuildState {
  fileprivate init(_ status: RebuildStatus, of target: OutriderV1.RebuildTarget) {
    let generations = status.generations
    self.init(
      target,
      generations: status.fed.map { fed in
        let role: OutriderV1.ProjectionGeneration.Role =
          switch fed.generation {
          case generations.live: .live
          case generations.candidate: .candidate
          default: .previous
          }
        return OutriderV1.ProjectionGeneration(
          number: fed.generation.number, role: role,
          subscription: fed.generation.subscription(of: target.projector),
          checkpoints: fed.checkpoints, parked: fed.parked,
          eventsPerSecond: role == .candidate ? generations.throttle : nil)
      },
      heads: status.heads)
  }
}
