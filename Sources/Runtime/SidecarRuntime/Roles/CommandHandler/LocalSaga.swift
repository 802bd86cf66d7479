import EventModel
import EventSourcing
import Sidecars

/// A synchronous saga of this process, looked up only if there are events.
struct LocalSaga: SynchronousProcessor {
  let name: Name
  private let domains: ServedDomains<SagaDomain>

  init(name: Name, in domains: ServedDomains<SagaDomain>) {
    self.name = name
    self.domains = domains
  }

  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    let domain: SagaDomain
    do { domain = try await domains.serving(book.cover.domain) } catch {
      throw ProcessorFailure(of: name, error, at: book.cover)
    }
    guard let feed = domain.feeds.first(where: { $0.synchronous.name == name }) else {
      return ProcessorOutcome()
    }
    return try await feed.synchronous.process(book, deadline: deadline)
  }
}
