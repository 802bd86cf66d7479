import EventModel
import EventSourcing
import Tracing
import Wire

/// Records a trace for each delivery to a consumer, linked to the call that caused the events.
///
/// Each redelivery is a trace of its own, so none grows without bound.
public struct TracedConsumer: BookConsumer {
  private let consumer: any BookConsumer
  private let tracer: Tracer
  private let attributes: [SpanAttribute]

  /// - Parameter system: OpenTelemetry's name of the broker that delivers the events; nil: none.
  public init(_ consumer: any BookConsumer, by tracer: Tracer, from system: String? = nil) {
    self.consumer = consumer
    self.tracer = tracer
    attributes =
      [SpanAttribute("outrider.subscription", .text(consumer.name.text))]
      + (system.map { SpanAttribute.messaging($0, "process") } ?? [])
  }

  public var name: Name { consumer.name }
  public var joinsCommits: Bool { consumer.joinsCommits }

  public func begin() { consumer.begin() }

  public func consume(
    _ book: EventBook, isNew: Bool, deadline: ContinuousClock.Instant
  ) async throws {
    guard
      let span = tracer.following(
        [book.origin.cause].compactMap(\.self), "process \(book.cover.domain)", .consumer,
        attributes + book.spanAttributes)
    else { return try await consumer.consume(book, isNew: isNew, deadline: deadline) }
    try await span.during {
      try await consumer.consume(book, isNew: isNew, deadline: deadline)
    }
  }

  public func save() async throws(StorageError) { try await consumer.save() }

  public func end() async { await consumer.end() }

  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await consumer.next(of: root)
  }

  public func skip(_ root: Root, upTo next: SequenceNumber) async throws {
    try await consumer.skip(root, upTo: next)
  }

  public func setAside(_ cover: Cover, deadline: ContinuousClock.Instant) async throws -> Bool {
    try await consumer.setAside(cover, deadline: deadline)
  }
}

extension EventBook {
  fileprivate var spanAttributes: [SpanAttribute] {
    [
      SpanAttribute("messaging.destination.name", .text(cover.domain.text)),
      SpanAttribute("outrider.domain", .text(cover.domain.text)),
      SpanAttribute("outrider.root", .text(cover.root.description)),
      SpanAttribute("outrider.sequence", .number(Int64(pages.first.rawValue))),
      SpanAttribute("outrider.events", .number(Int64(pages.count))),
    ]
      + (position.map { [SpanAttribute("outrider.position", .number(Int64(clamping: $0.number)))] }
        ?? [])
  }
}

extension SpanAttribute {
  /// The attributes of OpenTelemetry's messaging conventions.
  static func messaging(_ system: String, _ operation: String) -> [SpanAttribute] {
    [
      SpanAttribute("messaging.system", .text(system)),
      SpanAttribute("messaging.operation.name", .text(operation)),
      SpanAttribute("messaging.operation.type", .text(operation)),
    ]
  }
}
