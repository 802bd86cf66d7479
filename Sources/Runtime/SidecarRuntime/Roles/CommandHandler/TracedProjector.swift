import EventModel
import EventSourcing
import Tracing

/// A projector of this process, with a span for each call in a recorded trace.
struct TracedProjector: SynchronousProcessor {
  private let projector: DomainProjector

  init(_ projector: DomainProjector) { self.projector = projector }

  var name: Name { projector.name }

  func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
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
