import EventSourcing
import Testing

/// One promise of the storage ports, with the proof of it.
///
/// An adapter keeps the contract when this test passes:
///
///     @Test(arguments: Contracts.facts)
///     func keeps(_ fact: Fact) async throws {
///       try await fact.check { now in MyStorage(now: now) }
///     }
public struct Fact: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  private let proof: @Sendable (Subject) async throws -> Void

  init(_ statement: String, _ proof: @escaping @Sendable (Subject) async throws -> Void) {
    testDescription = statement
    self.proof = proof
  }

  /// Proves it on a storage that `open` opens. What `open` opens the first time is empty; called
  /// again, it comes back to what was stored, if the adapter keeps anything.
  ///
  /// - Parameter tampering: how this store is changed past the port.
  public func check(
    tampering: Tampering = Tampering(), _ open: @escaping Subject.Opening
  ) async throws {
    let subject = try await Subject(tampering, open)
    do {
      try await proof(subject)
    } catch {
      await subject.storage.close()
      throw error
    }
    await subject.storage.close()
  }
}

/// What every storage adapter promises.
public enum Contracts {
  /// Of every adapter.
  public static let facts =
    appendFacts + commandFacts + loadFacts + logFacts + waitingFacts + consumerFacts + parkingFacts
    + leaseFacts + agendaFacts + storageFacts

  /// Of adapters that keep anything beyond the process.
  public static let persistenceFacts = reopeningFacts + agendaPersistenceFacts

  /// Of adapters whose stored commits can be damaged, as their `Tampering` says.
  public static let damageFacts = Contracts.factsOfDamage
}
