import EventModel
import EventSourcing

/// The adapter under test, open, with one empty domain.
public final class Subject {
  /// Opens the storage; leases are to expire by the clock that is handed in.
  public typealias Opening =
    @Sendable (_ now: @escaping @Sendable () -> Timestamp) async throws -> any Storage

  static let domain: Name = "orders"

  let clock = ManualClock()
  let tampering: Tampering
  private let open: Opening
  private(set) var storage: any Storage
  private(set) var store: any DomainStore

  init(_ tampering: Tampering, _ open: @escaping Opening) async throws {
    self.tampering = tampering
    self.open = open
    storage = try await open(clock.now)
    store = try await storage.domain(Self.domain)
  }

  /// Opens the storage once more, as another process does. The caller closes it.
  func openBeside() async throws -> any Storage { try await open(clock.now) }

  /// Closes the storage and opens it anew.
  func reopen() async throws {
    await storage.close()
    storage = try await open(clock.now)
    store = try await storage.domain(Self.domain)
  }
}
