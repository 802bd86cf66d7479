import EventModel
import StatusCodes

/// What a command has come to at its aggregate: once, for good.
public enum CommandConclusion: Equatable, Sendable {
  /// It appended this.
  case appended(RecordedCommit)
  /// It ended without events, and never leads to any.
  case barred(EndWithoutEvents)
}

/// How a command ended that led to no events. Whoever sends it again is answered as it ended.
public enum EndWithoutEvents: Equatable, Sendable {
  /// The logic saw nothing to do.
  case nothingToDo
  /// The logic, or the command-handler, said no.
  case refused(ErrorStatus)
  /// Its time was up before it could be carried out.
  case expired
}

// MARK: - In a store

extension EndWithoutEvents {
  private enum Kind: String { case nothingToDo, refused, expired }

  /// The name under which stores keep it. The status of a refusal stands beside it.
  public var name: String {
    let kind: Kind =
      switch self {
      case .nothingToDo: .nothingToDo
      case .refused: .refused
      case .expired: .expired
      }
    return kind.rawValue
  }

  /// The status of a refusal; nil for any other end.
  public var refusal: ErrorStatus? { if case .refused(let status) = self { status } else { nil } }

  /// As it comes back from a store; nil where it is no end.
  ///
  /// - Parameter refusal: the status that stands beside the name.
  public init?(stored name: String?, refusal: ErrorStatus?) {
    switch name.flatMap(Kind.init) {
    case .nothingToDo: self = .nothingToDo
    case .refused:
      guard let refusal, refusal.code != .ok else { return nil }
      self = .refused(refusal)
    case .expired: self = .expired
    case nil: return nil
    }
  }
}
