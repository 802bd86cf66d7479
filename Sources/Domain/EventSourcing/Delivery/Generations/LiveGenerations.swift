import EventModel
import Synchronization
import Timing

/// Tells which generation of each projector's projections queries read.
///
/// Caches the store's answer, so a switch by another process is seen within `staleMax`. The
/// records of a dropped generation live longer than that.
public final class LiveGenerations: Sendable {
  /// Longest time after a switch that queries may read the previous generation.
  public static let staleMax = Duration.seconds(1)
  private static let entriesMax = 10_000

  private struct Key: Hashable {
    let domain: Name
    let projector: Name
  }

  private struct Entry {
    let generation: Generation
    let readAt: ContinuousClock.Instant
  }

  private let entries = Mutex<[Key: Entry]>([:])
  private let environment: Environment

  public init(environment: Environment = .live) { self.environment = environment }

  public func generation(
    of projector: Name, in domain: Name, _ store: any RecordStore
  ) async throws(StorageError) -> Generation {
    let key = Key(domain: domain, projector: projector)
    let now = environment.instant()
    if let entry = entries.withLock({ $0[key] }), now - entry.readAt < Self.staleMax {
      return entry.generation
    }
    let found = try await GenerationRegistry(store).find(projector).live
    note(found, of: projector, in: domain, readAt: now)
    return found
  }

  /// Whether queries read this generation, as far as this process knows.
  public func isLive(_ generation: Generation, of projector: Name, in domain: Name) -> Bool {
    let known = entries.withLock { $0[Key(domain: domain, projector: projector)]?.generation }
    return generation == (known ?? .first)
  }

  /// Caches the live generation that this process has just read or set.
  func note(
    _ generation: Generation, of projector: Name, in domain: Name,
    readAt: ContinuousClock.Instant? = nil
  ) {
    let entry = Entry(generation: generation, readAt: readAt ?? environment.instant())
    entries.withLock { entries in
      // Clients may ask for any number of unknown names.
      if entries.count >= Self.entriesMax { entries.removeAll() }
      entries[Key(domain: domain, projector: projector)] = entry
    }
  }
}
