import EventModel

/// Finds the commits of one domain by the events of any domain that caused them.
///
/// Does not find commits of earlier versions, which wrote no such index.
public protocol CauseIndex: Sendable {
  /// Returns the commits whose cause is among the events, ordered by the causes' keys, then by
  /// position. Empty if there are none behind `last`.
  ///
  /// - Parameters:
  ///   - causes: ranges that do not overlap.
  ///   - last: the last commit of the previous portion; nil: the first portion.
  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]
}

/// Consecutive events of one aggregate.
public struct EventRange: Hashable, Sendable {
  public var cover: Cover
  public var first: SequenceNumber
  /// The number after the last event.
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

/// The part of an index to read for one range, for adapters: from a place up to a key.
package struct CauseSpan: Sendable {
  package let range: EventRange
  package let lower: CauseKey
  /// The first key beyond the range.
  package let upper: CauseKey
  /// Excludes commits with the key `lower` up to this position; nil: includes all.
  package private(set) var position: Position?

  private init(_ range: EventRange) {
    self.range = range
    lower = CauseKey(EventReference(cover: range.cover, sequence: range.first))
    upper = CauseKey(EventReference(cover: range.cover, sequence: range.next))
  }

  /// The spans of these ranges that remain after `last`, ordered by key.
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

  /// Whether one of these events caused the commit. Excludes other events with the same key.
  package func holds(_ recorded: RecordedCommit) -> Bool {
    recorded.commit.origin.causingEvent.map(range.contains) ?? false
  }
}
