/// Why a use case failed.
public struct EventSourcingError: Error, Equatable, Sendable {
  public enum Code: Sendable, CaseIterable {
    /// The caller's mistake; a retry fails again.
    case invalid
    /// Other writers kept winning; a retry may succeed.
    case conflict
    /// The requested object does not exist.
    case notFound
    /// The request conflicts with the current state: read it, and decide again.
    case precondition
    /// The command expired before it was executed.
    case expired
    /// A named limit was reached; a retry may succeed later.
    case exhausted
    /// Temporary: the store or the user's code is unavailable.
    case unavailable
    /// The deadline passed.
    case timedOut
    /// The user's code gave an invalid answer.
    case logicDefect
    /// Stored data is damaged.
    case dataLoss
  }

  public var code: Code
  /// The failure, its place and its remedy.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Maps a store's failure to the use case's.
  public init(_ error: StorageError) {
    switch error.code {
    case .unavailable, .fenced: self.init(.unavailable, error.message)
    case .tooLarge: self.init(.invalid, error.message)
    case .corrupt, .incompatible: self.init(.dataLoss, error.message)
    }
  }
}
