import Encodings
import EventModel
import EventSourcing
import RPC
import Timing
import Wire

extension Service {
  /// `outrider.v1.Projections`: reads and watches stored projections (port 1314).
  ///
  /// - Parameters:
  ///   - live: says which generation of a projector's projections to read.
  ///   - deadlineDefault: the longest wait for `at_least`, for calls without a deadline.
  public static func projections(
    _ domains: QueriedDomains, _ calls: ConsumerCalls = ConsumerCalls(), live: LiveGenerations,
    readYourWrites: ReadYourWrites, deadlineDefault: Duration
  ) -> Service {
    /// The live generation, once it has reached the position of the request.
    @Sendable func settled(
      _ projector: Name, in store: any DomainStore, _ root: Root?, _ position: Position?,
      _ context: ServerContext
    ) async throws -> Generation {
      let generation = try await live.generation(of: projector, in: store.domain, store)
      if let position {
        try await readYourWrites.wait(
          for: generation.subscription(of: projector), in: store, root: root, toHandle: position,
          until: context.deadline.orAfter(deadlineDefault))
      }
      return generation
    }
    return Service(
      "outrider.v1.Projections",
      [
        "Get": .unary { request, context in
          try await answering {
            let request = try OutriderV1.GetProjectionRequest(wireBytes: request)
            let (projector, cover) = (request.projector, request.cover)
            let store = try await domains.store(of: cover.domain)
            let generation = try await settled(
              projector, in: store, cover.root, request.atLeast, context)
            guard
              let record = try await store.record(
                of: generation.subscription(of: projector), root: cover.root),
              let answer = OutriderV1.ProjectionRecord(record, of: projector, in: store.domain)
            else {
              throw EventSourcingError(
                .notFound, "projector \(request.projector) has no projection of \(request.cover)")
            }
            return answer.wireBytes
          }
        },
        "List": .unary { request, context in
          try await answering {
            let request = try OutriderV1.ListProjectionsRequest(wireBytes: request)
            let store = try await domains.store(of: request.domain)
            let generation = try await settled(
              request.projector, in: store, nil, request.atLeast, context)
            return try await list(request, of: generation, in: store, domains, context)
          }
        },
        "Watch": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.WatchProjectionsRequest(wireBytes: request)
            let store = try await domains.store(of: request.domain)
            try await calls.run {
              let generation = try await settled(
                request.projector, in: store, nil, request.atLeast, context)
              try await watch(
                request, of: generation, live, in: store, domains, responses, context)
            }
          }
        },
      ])
  }
}

/// The most bytes of projections in one page, and of changes in one read.
private let portionBytesMax = 1 << 20
/// The time within which an idle watch notices a switch, and ends.
private let switchSeenMax = Duration.seconds(10)

private func list(
  _ request: OutriderV1.ListProjectionsRequest, of live: Generation, in store: any DomainStore,
  _ domains: QueriedDomains, _ context: ServerContext
) async throws -> Message {
  let token = try PageToken(request.page.token, live: live)
  if token.generation != live {
    try await requireFed(token.generation, of: request.projector, in: store)
  }
  let subscription = token.generation.subscription(of: request.projector)
  let limit = ReadLimit(
    count: request.page.limit, bytes: portionBytesMax)
  let records = try await domains.holding(context) {
    try await store.records(of: subscription, after: token.root, limit: limit)
  }
  var nextPage: Bytes = []
  if let last = records.last?.root {
    // A page that its byte limit cut short may have a successor.
    let more =
      records.count == limit.count
      ? [] : try await store.records(of: subscription, after: last, limit: ReadLimit(count: 1))
    if records.count == limit.count || !more.isEmpty {
      nextPage = PageToken(root: last, generation: token.generation).bytes
    }
  }
  return OutriderV1.ListProjectionsResponse(
    records: records.compactMap {
      OutriderV1.ProjectionRecord($0, of: request.projector, in: store.domain)
    },
    nextPage: nextPage
  ).wireBytes
}

/// Throws unless the generation is still fed: a listing stays in the generation in which it began.
private func requireFed(
  _ generation: Generation, of projector: Name, in store: any DomainStore
) async throws {
  guard try await GenerationRegistry(store).find(projector).fed.contains(generation) else {
    throw EventSourcingError(
      .conflict,
      "projector \(projector) was rebuilt since the listing began: begin it again")
  }
}

/// The last root of the previous page, then the listed generation in four bytes, which the first
/// generation omits.
private struct PageToken {
  let root: Root?
  let generation: Generation

  init(root: Root, generation: Generation) {
    self.root = root
    self.generation = generation
  }

  /// - Parameter live: the generation of a listing that begins now.
  init(_ bytes: Bytes, live: Generation) throws {
    if bytes.isEmpty {
      (root, generation) = (nil, live)
      return
    }
    let number = bytes.dropFirst(Root.byteCount)
    guard let root = Root(bytes.prefix(Root.byteCount)), number.isEmpty || number.count == 4 else {
      throw EventSourcingError(.invalid, "page_token is not one that List gave")
    }
    self.root = root
    generation = number.isEmpty ? .first : Generation(UInt32(bigEndianBytes: number))
  }

  var bytes: Bytes {
    let root = self.root?.bytes ?? []
    if generation == .first { return root }
    return root + generation.number.bigEndianBytes
  }
}

/// Sends the stored records first, since each has a revision; then each change.
private func watch(
  _ request: OutriderV1.WatchProjectionsRequest, of generation: Generation,
  _ live: LiveGenerations, in store: any DomainStore,
  _ domains: QueriedDomains, _ responses: ResponseStream, _ context: ServerContext
) async throws {
  let projector = request.projector
  let subscription = generation.subscription(of: projector)
  let wanted = Set(request.roots)
  var revision: Revision = 0
  while !Task.isCancelled {
    let after = revision
    let changes = try await domains.holding(context) {
      try await store.changes(
        of: subscription, after: after, limit: ReadLimit(count: 256, bytes: portionBytesMax))
    }
    guard try await live.generation(of: projector, in: store.domain, store) == generation else {
      throw EventSourcingError(
        .conflict, "projector \(projector) has a new generation of projections: watch again")
    }
    if changes.isEmpty {
      await within(switchSeenMax) { await store.waitForChanges(of: subscription, after: after) }
    }
    for record in changes {
      revision = record.revision
      guard wanted.isEmpty || wanted.contains(record.root) else { continue }
      guard
        let answer = OutriderV1.ProjectionRecord(record, of: projector, in: store.domain)
      else { continue }
      try await responses.send(answer.wireBytes)
    }
    try await context.hold(-changes.byteCount)
  }
}

extension QueriedDomains {
  /// Reads records through the gate, and charges their memory to the call.
  fileprivate func holding(
    _ context: ServerContext, _ read: () async throws -> [ConsumerRecord]
  ) async throws -> [ConsumerRecord] {
    try await gated {
      let records = try await read()
      try await context.hold(records.byteCount)
      return records
    }
  }
}

extension OutriderV1.ProjectionRecord {
  /// Nil for the record of a projector that keeps its own read model.
  fileprivate init?(_ record: ConsumerRecord, of projector: Name, in domain: Name) {
    guard let value = record.value, record.next > .first else { return nil }
    self.init(
      Projection(
        projector: projector, cover: Cover(domain: domain, root: record.root),
        sequence: SequenceNumber(record.next.rawValue - 1), value: value),
      updatedAt: record.updatedAt)
  }
}
