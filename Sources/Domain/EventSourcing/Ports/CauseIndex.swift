import EventModel

/// Finds the commits of one domain by the events that led to them, which may be any domain's.
///
/// Commits that a version appended which kept no such index are not found.
public protocol CauseIndex: Sendable {
  /// The commits whose cause is among the events, in the order of the causes' keys, and of their
  /// positions where these are equal. Empty where there are none behind `last`.
  ///
  /// - Parameters:
  ///   - causes: none of them is in two ranges.
  ///   - last: where the portion before ended; nil: the first portion.
  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]
}

/// Some consecutive events of one aggregate.
public struct EventRange: Hashable, Sendable {
  public var cover: Cover
  public var first: SequenceNumber
  /// The number behind the last event.
  public var next: SequenceNumber

  public init(cover: Cover, from first: SequenceNumber, upTo next: SequenceNumber) {
    self.cover = cover
    self.first = first
    self.next = next
  }

  /// A commit's events.
  public init(_ commit: Commit) {
    self.init(cover: commit.cover, from: commit.pages.first, upTo: commit.pages.next)
  }

  public func contains(_ event: EventReference) -> Bool {
    event.cover == cover && first <= event.sequence && event.sequence < next
  }
}

/// What an index is to be read for one range, for adapters: from a place up to a key.
package struct CauseSpan: Sendable {
  package let range: EventRange
  package let lower: CauseKey
  /// The first key that is not wanted any more.
  package let upper: CauseKey
  /// Of the commits with the key `lower`, only those behind it; nil: all.
  package private(set) var position: Position?

  private init(_ range: EventRange) {
    self.range = range
    lower = CauseKey(EventReference(cover: range.cover, sequence: range.first))
    upper = CauseKey(EventReference(cover: range.cover, sequence: range.next))
  }

  /// The spans of these ranges that are still to be read, in the order of their keys.
  package static func spans(
    of causes: [EventRange], after last: RecordedCommit?
  ) -> [CauseSpan] {
    guard let last, let cause = last.commit.origin.causingEvent else {
      return causes.map { CauseSpan($0) }.sorted { $0.lower < $1.lower }
    }
    let key = CauseKey(cause)
    return causes.compactMap { range in
      var span = CauseSpan(range)
      if range.contains(cause) {
        span = CauseSpan(EventRange(cover: range.cover, from: cause.sequence, upTo: range.next))
        span.position = last.position
      }
      return span.upper > key ? span : nil
    }.sorted { $0.lower < $1.lower }
  }

  /// Whether it is one of these events that led to the commit, and not one with a key like it.
  package func holds(_ recorded: RecordedCommit) -> Bool {
    recorded.commit.origin.causingEvent.map(range.contains) ?? false
  }
}
