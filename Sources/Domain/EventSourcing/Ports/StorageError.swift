import EventModel

/// Why a store did not do what it was asked.
public struct StorageError: Error, Equatable, Sendable {
  public enum Code: Sendable {
    /// Temporary: the disk is full or read-only, the server is away. Trying later may help.
    case unavailable
    /// The lease that the call relied on is someone else's now.
    case fenced
    /// A value is larger than the store takes.
    case tooLarge
    /// What is stored cannot be what was written: `damage` says where.
    case corrupt
    /// The store is not one that this program can use: another version, other settings.
    case incompatible
  }

  public var code: Code
  /// What happened and where, and what to do about it. Goes to callers, so it names no host and no
  /// path.
  public var message: String
  /// What the operator alone is told besides, in the log: a server, what its driver said.
  public var detail: String?
  /// For `.corrupt`; nil where the damage is in the store's own file or index rather than in a
  /// commit.
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
  /// The error itself, or an unexpected one as a temporary failure.
  init(wrapping error: any Error) {
    self = error as? StorageError ?? StorageError(.unavailable, "\(error)")
  }
}

extension StorageError: CustomStringConvertible {
  /// All of it, for the log.
  public var description: String { detail.map { "\(message) (\($0))" } ?? message }
}

/// Where a stored commit is damaged, as far as it can still be read.
public struct Damage: Equatable, Sendable, CustomStringConvertible {
  public var domain: Name
  /// The aggregate; nil where that is what cannot be read.
  public var root: Root?
  /// The first event that is missing or cannot be read.
  public var sequence: SequenceNumber?
  /// Where in the log the commit stands. A reader of the log goes on behind it.
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
