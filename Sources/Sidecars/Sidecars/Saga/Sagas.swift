import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Sagas`: shows the instances of sagas (port 1316).
  public static func sagas(_ sagas: ServedDomains<Saga>) -> Service {
    Service(
      "outrider.v1.Sagas",
      [
        "List": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.ListSagaInstancesRequest(wireBytes: request)
            return try await list(request, of: sagas.saga(named: request.saga)).wireBytes
          }
        },
        "Get": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.GetSagaInstanceRequest(wireBytes: request)
            return try await instance(request.key, of: sagas.saga(named: request.saga)).wireBytes
          }
        },
      ])
  }
}

private func list(
  _ request: OutriderV1.ListSagaInstancesRequest, of saga: Saga
) async throws -> OutriderV1.ListSagaInstancesResponse {
  let size = request.page.limit
  var last: Root?
  if !request.page.token.isEmpty {
    guard let root = Root(request.page.token) else {
      throw EventSourcingError(.invalid, "page_token is not one of this listing")
    }
    last = root
  }
  var instances: [OutriderV1.SagaInstance] = []
  while instances.count < size {
    let roots = try await saga.instances(after: last, limit: size)
    last = roots.last
    for root in roots {
      guard let state = try await saga.state(of: root) else { continue }
      if request.unfinished, state.isFinished { continue }
      instances.append(.init(saga: saga.name, root: root, state: state))
      if instances.count == size { break }
    }
    if roots.count < size { break }
  }
  return OutriderV1.ListSagaInstancesResponse(
    instances: instances,
    nextPage: instances.count < size ? [] : instances.last?.root.bytes ?? [])
}

private func instance(_ key: Name, of saga: Saga) async throws -> OutriderV1.SagaInstance {
  let root = saga.cover(of: key).root
  guard let state = try await saga.state(of: root) else {
    throw EventSourcingError(.notFound, "saga \(saga.name) has no instance \(key)")
  }
  let steps = try await saga.steps(of: root).map {
    OutriderV1.SagaInstance.RecordedStep(
      sequence: $0.place.sequence, recordedAt: $0.recordedAt, step: $0.step)
  }
  return .init(saga: saga.name, root: root, state: state, steps: steps)
}

extension ServedDomains<Saga> {
  /// The named saga, or the only one. Each is served under its internal domain's name.
  fileprivate func saga(named name: Name?) async throws -> Saga {
    let domains = names ?? []
    guard let domain = name.map(Name.saga) ?? (domains.count == 1 ? domains[0] : nil) else {
      throw EventSourcingError(.invalid, "saga is missing: there are \(list(of: domains))")
    }
    guard domains.contains(domain) else {
      throw EventSourcingError(
        .notFound, "no saga \(name ?? "") runs here: there are \(list(of: domains))")
    }
    return try await serving(domain)
  }

  private func list(of domains: [Name]) -> String {
    domains.compactMap(\.sagaOfDomain?.text).joined(separator: ", ")
  }
}
