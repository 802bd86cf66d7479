import EventModel

/// The recently used aggregates of one domain, so that the next command need not read them. All
/// domains share the memory.
///
/// An entry may be stale if another process writes too; the append's check detects that. A
/// command *takes* an aggregate out and puts it back with its new events, so its bytes grow in
/// place.
final class AggregateCache: Sendable {
  private let memory: AggregateMemory
  private let part: AggregateMemory.Part

  /// - Parameter part: the part of the memory that only this cache uses.
  init(_ memory: AggregateMemory, _ part: AggregateMemory.Part) {
    self.memory = memory
    self.part = part
  }

  deinit { memory.empty(part) }

  /// Takes the aggregate out. The caller holds the root's lane.
  func take(_ root: Root) -> KnownAggregate? { memory.take(root, from: part) }

  /// Reads an aggregate unless a command has taken it.
  func look(at root: Root) -> Aggregate? { memory.look(at: root, in: part) }

  /// Puts the aggregate in, as the most recently used.
  func put(_ aggregate: KnownAggregate) { memory.put(aggregate, into: part) }

  func removeAll() { memory.empty(part) }
}
