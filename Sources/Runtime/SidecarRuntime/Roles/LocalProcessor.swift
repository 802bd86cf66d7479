import EventModel
import EventSourcing
import Sidecars

/// A synchronous processor of this process. It is looked up only if there are events, since a
/// domain has no processors before its first one.
struct LocalProcessor<Served: Sendable>: SynchronousProcessor {
  let name: Name
  private let domains: ServedDomains<Served>
  private let find: @Sendable (Served) -> (any SynchronousProcessor)?

  init(
    name: Name, in domains: ServedDomains<Served>,
    find: @escaping @Sendable (Served) -> (any SynchronousProcessor)?
  ) {
    self.name = name
    self.domains = domains
    self.find = find
  }

  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    let domain: Served
    do { domain = try await domains.serving(book.cover.domain) } catch {
      throw ProcessorFailure(of: name, error, at: book.cover)
    }
    guard let processor = find(domain) else { return ProcessorOutcome() }
    return try await processor.process(book, deadline: deadline)
  }
}
