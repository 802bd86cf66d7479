import EventModel
import EventSourcing
import Sidecars

/// A projector of this process that takes part in commands: looked up only when there are events,
/// since a domain has no projectors before its first one.
struct LocalProjector: SynchronousProcessor {
  let name: Name
  private let projecting: ServedDomains<ProjectingDomain>

  init(name: Name, in projecting: ServedDomains<ProjectingDomain>) {
    self.name = name
    self.projecting = projecting
  }

  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    let domain: ProjectingDomain
    do { domain = try await projecting.serving(book.cover.domain) } catch {
      let failure = DeliveryFailure(error)
      throw ProcessorFailure(
        processor: name, cover: book.cover, statusCode: failure.statusCode,
        message: failure.message)
    }
    guard let projector = domain.projectors.first(where: { $0.name == name }) else {
      return ProcessorOutcome()
    }
    return try await projector.process(book, deadline: deadline)
  }
}
