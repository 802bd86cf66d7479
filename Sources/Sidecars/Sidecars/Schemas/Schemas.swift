import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Schemas`: the schemas of a domain's payloads (ports 1313 and 1314).
  ///
  /// - Parameter register: registers this process's schema of a domain before a read, so that a
  ///   caller during start does not get NOT_FOUND.
  public static func schemas(
    _ domains: QueriedDomains, register: @escaping @Sendable (Name) async throws -> Void = { _ in }
  ) -> Service {
    Service(
      "outrider.v1.Schemas",
      [
        "Get": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.GetSchemaRequest(wireBytes: request)
            try await register(request.domain)
            let versions = try await domains.schemas(of: request.domain)
            return try found(request, in: versions).message(withSchema: true).wireBytes
          }
        },
        "History": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.SchemaHistoryRequest(wireBytes: request)
            var response = OutriderV1.SchemaHistoryResponse(versions: [])
            for version in try await domains.schemas(of: request.domain) {
              response.versions.append(try version.message(withSchema: false))
            }
            return response.wireBytes
          }
        },
        "Check": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.CheckSchemaRequest(wireBytes: request)
            let schema: DomainSchema
            do { schema = try DomainSchema(request.schema) } catch {
              throw EventSourcingError(.invalid, "schema: \(error)")
            }
            let store = try await domains.store(of: request.domain)
            var check = try SchemaCheck(
              of: schema, request.compatibility, for: request.domain,
              against: try await domains.registry(of: request.domain).versions())
            for partition in 0..<store.partitions {
              try await domains.reader(of: store, for: context).log(
                after: Position(partition: partition, number: 0), follow: false
              ) { recorded in
                let before = check.eventsRead / eventsBetweenReports
                check.read(recorded)
                guard check.eventsRead / eventsBetweenReports > before else { return }
                try await responses.send(check.report(isDone: false).wireBytes)
              }
            }
            try await responses.send(check.report(isDone: true).wireBytes)
          }
        },
      ])
  }
}

private let eventsBetweenReports = 10_000

private func found(
  _ request: OutriderV1.GetSchemaRequest, in versions: [SchemaRegistry.Version]
) throws -> SchemaRegistry.Version {
  switch request.version {
  case .last: return versions[versions.count - 1]
  case .number(let number):
    if let version = versions.first(where: { $0.number == number }) { return version }
    throw EventSourcingError(
      .notFound,
      "the schema of \(request.domain) has no version \(number); the last is \(versions.count)")
  case .fingerprint(let fingerprint):
    if let version = try versions.last(with: fingerprint) { return version }
    throw EventSourcingError(
      .notFound,
      "no version of the schema of \(request.domain) has a type of the fingerprint \(fingerprint)")
  }
}

extension SchemaRegistry.Version {
  fileprivate func message(withSchema: Bool) throws -> OutriderV1.SchemaVersion {
    OutriderV1.SchemaVersion(
      number: number, registeredAt: registeredAt,
      registered: OutriderV1.SchemaRegistered(
        kind: schema.kind, schema: withSchema ? schema.bytes : [], compatibility: compatibility),
      types: try schema.types())
  }
}

extension QueriedDomains {
  /// The registry of a domain's schema. Throws as `store` does.
  fileprivate func registry(of domain: Name) async throws -> SchemaRegistry {
    _ = try await store(of: domain)
    return SchemaRegistry(of: domain, in: try await internalStore(.schemas(of: domain)))
  }

  /// All versions of a domain's schema, at least one. Throws NOT_FOUND if there is none.
  fileprivate func schemas(of domain: Name) async throws -> [SchemaRegistry.Version] {
    let versions = try await registry(of: domain).versions()
    guard !versions.isEmpty else {
      throw EventSourcingError(.notFound, "domain \(domain) has no schema")
    }
    return versions
  }
}
