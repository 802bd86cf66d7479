import EventModel
import EventSourcing
import Sidecars
import Tracing

/// A synchronous projector of this process. It is looked up only if there are events, since a
/// domain has no projectors before its first one.
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
      throw ProcessorFailure(of: name, error, at: book.cover)
    }
    guard let projector = domain.projectors.first(where: { $0.name == name }) else {
      return ProcessorOutcome()
    }
    guard
      let span = Span.current?.child(
        "project", attributes: [SpanAttribute("outrider.subscription", .text(name.text))])
    else { return try await projector.process(book, deadline: deadline) }
    let outcome: Result<ProcessorOutcome, ProcessorFailure> = await Span.$current.withValue(span) {
      do throws(ProcessorFailure) {
        return .success(try await projector.process(book, deadline: deadline))
      } catch { return .failure(error) }
    }
    if case .success = outcome { span.end() } else { span.end(isFailed: true) }
    return try outcome.get()
  }
}
