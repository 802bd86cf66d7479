import EventModel
import Timing

/// Runs the synchronous projectors and sagas of a domain on a command's events, before the
/// command is answered.
struct SynchronousProcessing: Sendable {
  let processors: [any SynchronousProcessor]
  let environment: Environment

  /// Adds the processors' results if the commit asks for them, in the order of the processors,
  /// which run concurrently.
  func process(_ result: CommandResult, deadline: ContinuousClock.Instant) async -> CommandResult {
    guard !processors.isEmpty, result.isSynchronous, let commit = result.recorded?.commit
    else { return result }
    let book = EventBook(commit)
    // Keep a tenth of the time, so that the caller still learns that the events are durable.
    let start = environment.instant()
    let bound = start + (deadline - start) * 0.9
    var result = result
    let outcomes = await withTaskGroup(
      of: (Int, Result<ProcessorOutcome, ProcessorFailure>).self
    ) { group in
      for (index, processor) in processors.enumerated() {
        group.addTask { (index, await run(processor, on: book, until: bound)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for (_, outcome) in outcomes.sorted(by: { $0.0 < $1.0 }) {
      switch outcome {
      case .success(let made):
        result.projections += made.projections
        result.books += made.books
      case .failure(let failure): result.failures.append(failure)
      }
    }
    return result
  }

  private func run(
    _ processor: any SynchronousProcessor, on book: EventBook,
    until deadline: ContinuousClock.Instant
  ) async -> Result<ProcessorOutcome, ProcessorFailure> {
    let timeLeft = deadline - environment.instant()
    let outcome = await within(timeLeft, sleep: environment.sleep) {
      do throws(ProcessorFailure) {
        return Result<_, ProcessorFailure>.success(
          try await processor.process(book, deadline: deadline))
      } catch { return .failure(error) }
    }
    return outcome
      ?? .failure(
        ProcessorFailure(
          processor: processor.name, cover: book.cover, statusCode: .deadlineExceeded,
          message: "it did not finish before the command's deadline; the events come again later"))
  }
}
