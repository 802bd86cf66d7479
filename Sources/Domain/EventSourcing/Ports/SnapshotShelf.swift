import EventModel

/// A place for large snapshots beside the event store, such as an object store.
///
/// Nothing rests on it: what it has lost, or gives back altered, is made anew from events.
public protocol SnapshotShelf: Sendable {
  /// Keeps a state. Where it is kept already, nothing changes.
  ///
  /// - Returns: what a commit stores in its place, an `Any` in wire form.
  func put(
    _ state: Bytes, of cover: Cover, at sequence: SequenceNumber
  ) async throws(ShelfError) -> Bytes

  /// Whether a commit's snapshot is one that `put` answered, rather than a state.
  func isReference(_ snapshot: Bytes) -> Bool

  /// The state that a reference stands for, byte for byte as it was put.
  func state(_ reference: Bytes) async throws(ShelfError) -> Bytes
}

/// Why a snapshot cannot be put on its shelf, or taken from it.
public struct ShelfError: Error, Equatable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The shelf does not answer, or refuses.
    case unavailable
    /// There is nothing where the state should lie.
    case missing
    /// What lies there is not what was put.
    case altered
  }

  public var kind: Kind
  /// What happened, and where.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// What happened to a snapshot that belongs on a shelf.
public enum ShelfEvent: Sendable {
  /// It lies there, so many bytes.
  case put(Cover, byteCount: Int)
  /// It could not be put there: the commit holds it, where it has room.
  case notPut(Cover, ShelfError)
  /// It could not be read: the state is made anew from events.
  case notRead(Cover, ShelfError)
}
