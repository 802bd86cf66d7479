import Encodings
import EventModel

/// Selects the commits that a consumer wants, by their events' types.
public struct EventTypeFilter: Sendable {
  /// The part after the last slash of each type URL; nil: all types.
  private let types: Set<Name>?

  /// Commits of every type.
  public static let all = EventTypeFilter([])

  /// - Parameter types: type URLs (`type.googleapis.com/bank.Opened`), their parts after the last
  ///   slash (`bank.Opened`), or those after the last dot (`Opened`). Empty: all types.
  public init(_ types: [String]) {
    self.types = types.isEmpty ? nil : Set(types.map { Name($0.part(afterLast: "/")) })
  }

  /// Whether any event of the pages has one of the types.
  func includes(_ pages: PageBlock) -> Bool {
    guard let types else { return true }
    return pages.eventTypes.contains { type in
      types.contains(Name(type)) || types.contains(Name(type.part(afterLast: ".")))
    }
  }
}
