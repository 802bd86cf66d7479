import EventModel

/// A place for large snapshots beside the event store, such as an object store.
///
/// It is a cache: states that it lost or altered are rebuilt from events.
public protocol SnapshotShelf: Sendable {
  /// Stores a state. Idempotent.
  ///
  /// - Returns: the reference that a commit stores instead, an `Any` in wire form.
  func put(
    _ state: Bytes, of cover: Cover, at sequence: SequenceNumber
  ) async throws(ShelfError) -> Bytes

  /// Whether a commit's snapshot is a reference from `put`, not a state.
  func isReference(_ snapshot: Bytes) -> Bool

  /// Returns the referenced state, byte for byte.
  func state(_ reference: Bytes) async throws(ShelfError) -> Bytes
}

/// Why a snapshot could not be stored on the shelf, or read from it.
public struct ShelfError: Error, Equatable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The shelf does not answer, or refuses.
    case unavailable
    /// The state is not there.
    case missing
    /// The content is not the state that was put.
    case altered
  }

  public var kind: Kind
  /// The failure and its place.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// An event of a snapshot that belongs on a shelf.
public enum ShelfEvent: Sendable {
  /// The snapshot was stored there, with this size.
  case put(Cover, byteCount: Int)
  /// It could not be stored there; the commit holds it if there is room.
  case notPut(Cover, ShelfError)
  /// It could not be read; the state is rebuilt from events.
  case notRead(Cover, ShelfError)
}
