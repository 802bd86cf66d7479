import EventModel
import Timing

/// The stored generations of projections of one domain: one record for each projector that was
/// ever rebuilt, changed by compare-and-set.
public struct GenerationRegistry: Sendable {
  private let store: any RecordStore
  private let environment: Environment

  public init(_ store: any RecordStore, environment: Environment = .live) {
    self.store = store
    self.environment = environment
  }

  /// Returns the projector's generations; only the first if it was never rebuilt.
  public func find(_ projector: Name) async throws(StorageError) -> ProjectionGenerations {
    try generations(of: projector, in: try await record(of: projector))
  }

  /// Changes the projector's generations in one write.
  ///
  /// - Parameter body: called again if another process was faster.
  @discardableResult
  func change(
    _ projector: Name, _ body: (inout ProjectionGenerations) throws -> Void
  ) async throws -> ProjectionGenerations {
    while true {
      let record = try await record(of: projector)
      var generations = try generations(of: projector, in: record)
      try body(&generations)
      guard let next = (record?.next ?? .first).advanced(by: 1) else {
        throw EventSourcingError(.exhausted, "projector \(projector) was rebuilt too often")
      }
      let changed = ConsumerRecord(
        subscription: ProjectionGenerations.registryName, root: Root(hashOf: projector),
        next: next, value: generations.value, updatedAt: environment.now())
      if try await store.save(changed, after: record?.next ?? .first) { return generations }
    }
  }

  private func generations(
    of projector: Name, in record: ConsumerRecord?
  ) throws(StorageError) -> ProjectionGenerations {
    guard let record else { return ProjectionGenerations(of: projector) }
    return try ProjectionGenerations(record, of: projector)
  }

  private func record(of projector: Name) async throws(StorageError) -> ConsumerRecord? {
    try await store.record(
      of: ProjectionGenerations.registryName, root: Root(hashOf: projector))
  }
}
