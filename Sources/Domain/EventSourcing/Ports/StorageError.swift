import EventModel

/// Why a store call failed.
public struct StorageError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// Temporary: the disk is full or read-only, or the server is unavailable. A retry may help.
    case unavailable
    /// Another owner has taken the lease that the call relies on.
    case fenced
    /// A value exceeds the store's limit.
    case tooLarge
    /// Stored data is damaged; `damage` gives the place.
    case corrupt
    /// This program cannot use the store: it has another version or other settings.
    case incompatible
  }

  public var code: Code
  /// The failure, its place and its remedy. Goes to callers, so it names no host and no path.
  public var message: String
  /// Details for the operator's log only: a server, its driver's message.
  public var detail: String?
  /// For `.corrupt`; nil if the damage is in the store's own file or index, not in a commit.
  public var damage: Damage?

  public init(
    _ code: Code, _ message: String, _ damage: Damage? = nil, detail: String? = nil
  ) {
    self.code = code
    self.message = message
    self.damage = damage
    self.detail = detail
  }
}

extension StorageError {
  /// The error itself; wraps any other error as a temporary failure.
  init(wrapping error: any Error) {
    self = error as? StorageError ?? StorageError(.unavailable, "\(error)")
  }
}

extension StorageError: CustomStringConvertible {
  /// The complete text, for the log.
  public var description: String { detail.map { "\(message) (\($0))" } ?? message }
}

/// The place of a damaged commit, as far as it is readable.
public struct Damage: Equatable, Sendable, CustomStringConvertible {
  public var domain: Name
  /// The aggregate; nil if it is unreadable.
  public var root: Root?
  /// The first event that is missing or unreadable.
  public var sequence: SequenceNumber?
  /// The commit's position in the log. A reader of the log continues behind it.
  public var position: Position?

  public init(
    domain: Name, root: Root? = nil, sequence: SequenceNumber? = nil, position: Position? = nil
  ) {
    self.domain = domain
    self.root = root
    self.sequence = sequence
    self.position = position
  }

  public var description: String {
    let event = root.map { root in
      (sequence.map { "event \($0) of " } ?? "") + "\(Cover(domain: domain, root: root))"
    }
    let place = position.map { "position \($0) of the log of \(domain)" }
    return [event, place].compactMap(\.self).joined(separator: ", ")
  }
}
