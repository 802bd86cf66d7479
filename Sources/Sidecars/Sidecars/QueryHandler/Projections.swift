import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Projections`: reads and watches stored projections (port 1314).
  ///
  /// - Parameter deadlineDefault: how long a call waits for `at_least` whose caller set no
  ///   deadline.
  public static func projections(
    _ domains: QueriedDomains, readYourWrites: ReadYourWrites, deadlineDefault: Duration
  ) -> Service {
    /// Waits where the request asks for it.
    @Sendable func settle(
      _ projector: Name, in store: any DomainStore, _ root: Root?, _ position: Position?,
      _ context: ServerContext
    ) async throws {
      guard let position else { return }
      try await readYourWrites.wait(
        for: projector, in: store, root: root, toHandle: position,
        until: context.deadline.orAfter(deadlineDefault))
    }
    return Service(
      "outrider.v1.Projections",
      [
        "Get": .unary { request, context in
          try await answering {
            let request = try OutriderV1.GetProjectionRequest(wireBytes: request)
            let (projector, cover) = (request.projector, request.cover)
            let store = try await domains.store(of: cover.domain)
            try await settle(projector, in: store, cover.root, request.atLeast, context)
            guard
              let record = try await store.record(of: request.projector, root: request.cover.root),
              let answer = OutriderV1.ProjectionRecord(record, in: store.domain)
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
            try await settle(request.projector, in: store, nil, request.atLeast, context)
            return try await list(request, in: store, domains, context)
          }
        },
        "Watch": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.WatchProjectionsRequest(wireBytes: request)
            let store = try await domains.store(of: request.domain)
            try await settle(request.projector, in: store, nil, request.atLeast, context)
            try await watch(request, in: store, domains, responses, context)
          }
        },
      ])
  }
}

private let pageSizeDefault = 100
private let pageSizeMax = 1000
/// Of projections in one page, and of changes read at a time.
private let portionBytesMax = 1 << 20

private func list(
  _ request: OutriderV1.ListProjectionsRequest, in store: any DomainStore,
  _ domains: QueriedDomains, _ context: ServerContext
) async throws -> Message {
  let limit = ReadLimit(
    count: min(request.page.size ?? pageSizeDefault, pageSizeMax), bytes: portionBytesMax)
  let first = try root(of: request.page.token)
  let records = try await domains.holding(context) {
    try await store.records(of: request.projector, after: first, limit: limit)
  }
  var nextPage: Bytes = []
  if let last = records.last?.root {
    // A page that its bytes cut short may be followed by another one.
    let more =
      records.count == limit.count
      ? [] : try await store.records(of: request.projector, after: last, limit: ReadLimit(count: 1))
    if records.count == limit.count || !more.isEmpty { nextPage = last.bytes }
  }
  return OutriderV1.ListProjectionsResponse(
    records: records.compactMap { OutriderV1.ProjectionRecord($0, in: store.domain) },
    nextPage: nextPage
  ).wireBytes
}

/// A page token is the last root of the page before.
private func root(of pageToken: Bytes) throws -> Root? {
  if pageToken.isEmpty { return nil }
  guard let root = Root(pageToken) else {
    throw EventSourcingError(.invalid, "page_token is not one that List gave")
  }
  return root
}

/// What is there comes first, since every record has a revision; then each change.
private func watch(
  _ request: OutriderV1.WatchProjectionsRequest, in store: any DomainStore,
  _ domains: QueriedDomains, _ responses: ResponseStream, _ context: ServerContext
) async throws {
  let wanted = Set(request.roots)
  var revision: Revision = 0
  while !Task.isCancelled {
    let after = revision
    let changes = try await domains.holding(context) {
      try await store.changes(
        of: request.projector, after: after, limit: ReadLimit(count: 256, bytes: portionBytesMax))
    }
    if changes.isEmpty { await store.waitForChanges(of: request.projector, after: revision) }
    for record in changes {
      revision = record.revision
      guard wanted.isEmpty || wanted.contains(record.root) else { continue }
      guard let answer = OutriderV1.ProjectionRecord(record, in: store.domain) else { continue }
      try await responses.send(answer.wireBytes)
    }
    try await context.hold(-changes.byteCount)
  }
}

extension QueriedDomains {
  /// Reads records through the gate, and counts them as the call's.
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

extension [ConsumerRecord] {
  fileprivate var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}

extension OutriderV1.ProjectionRecord {
  /// Nil for the record of a projector that keeps its own read model.
  fileprivate init?(_ record: ConsumerRecord, in domain: Name) {
    guard let value = record.value, record.next > .first else { return nil }
    self.init(
      Projection(
        projector: record.subscription, cover: Cover(domain: domain, root: record.root),
        sequence: SequenceNumber(record.next.rawValue - 1), value: value),
      updatedAt: record.updatedAt)
  }
}
