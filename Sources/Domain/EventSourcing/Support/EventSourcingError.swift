/// Why a use case did not do what it was asked.
public struct EventSourcingError: Error, Equatable, Sendable {
  public enum Code: Sendable, CaseIterable {
    /// The caller's mistake; the same request fails again.
    case invalid
    /// Other writers kept being faster: the same request may succeed.
    case conflict
    /// What was asked for does not exist.
    case notFound
    /// The request does not fit what is there now: read it, and decide again.
    case precondition
    /// The command's time was up before it was carried out, and it never will be.
    case expired
    /// A named limit was reached, and the same request may succeed later.
    case exhausted
    /// Temporary: the store or the team's code is away.
    case unavailable
    /// The deadline passed.
    case timedOut
    /// The team's code answered something that is no answer.
    case logicDefect
    /// What is stored is damaged.
    case dataLoss
  }

  public var code: Code
  /// What was wrong, where, and what to do.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// A store's failure as the caller of a use case sees it.
  public init(_ error: StorageError) {
    switch error.code {
    case .unavailable, .fenced: self.init(.unavailable, error.message)
    case .tooLarge: self.init(.invalid, error.message)
    case .corrupt, .incompatible: self.init(.dataLoss, error.message)
    }
  }
}
