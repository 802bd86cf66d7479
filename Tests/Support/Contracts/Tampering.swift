import EventModel
import EventSourcing

/// What a test does to a store past its port: as another program would, or a broken disk.
public struct Tampering: Sendable {
  /// How a stored commit is damaged.
  public enum Fault: CaseIterable, Sendable {
    /// The row, or document, is gone.
    case missing
    /// The last bytes of its pages are gone.
    case cut
    /// A bit of the first page's length is flipped.
    case flipped
    /// It says that its first event is the one before.
    case overlapping
    /// It says that its snapshot includes events that are not there.
    case ahead
  }

  /// Gives positions out, as a writer does that dies before it uses them. Nil for a store that
  /// gives out and uses a position at once.
  public var reserve: (@Sendable (_ store: any DomainStore, _ count: Int) async throws -> Void)?

  /// Damages the commit that starts at that event.
  public var damage:
    @Sendable (
      _ store: any DomainStore, _ fault: Fault, _ root: Root, _ first: SequenceNumber
    ) async throws -> Void

  /// Replaces the stored pages of the commit that starts at that event.
  public var setPages:
    @Sendable (
      _ store: any DomainStore, _ root: Root, _ first: SequenceNumber, _ pages: Bytes
    ) async throws -> Void

  public init(
    reserve: (@Sendable (any DomainStore, Int) async throws -> Void)? = nil,
    damage:
      @escaping @Sendable (any DomainStore, Fault, Root, SequenceNumber) async throws -> Void = {
        _, _, _, _ in
      },
    setPages:
      @escaping @Sendable (any DomainStore, Root, SequenceNumber, Bytes) async throws -> Void = {
        _, _, _, _ in
      }
  ) {
    self.reserve = reserve
    self.damage = damage
    self.setPages = setPages
  }
}
