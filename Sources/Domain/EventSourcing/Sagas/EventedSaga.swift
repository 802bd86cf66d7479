import EventModel
import Timing

/// A saga of Evented's kind: it gets events in order and at least once, and sends its commands
/// itself. Its answers to synchronous events are recorded under ids derived from the events, and
/// are part of the client's answer.
public final class EventedSaga: Sendable {
  public let name: Name
  private let logic: any EventedSagaLogic
  private let recorder: any FactRecorder

  /// Collects the results for a client that waits.
  private final class Answer: Sendable {
    @TaskLocal static var current: Answer?
    /// Nil until the logic has answered.
    let outcome = Watched<ProcessorOutcome?>(nil)
  }

  public init(name: Name, logic: any EventedSagaLogic, recorder: any FactRecorder) {
    self.name = name
    self.logic = logic
    self.recorder = recorder
  }

  /// The consumer that passes one domain's events to the saga.
  public func intake(from store: any ConsumerStore) -> Projector {
    Projector(name: name, joinsCommits: false, store: store, logic: self)
  }
}

extension EventedSaga: ProjectorLogic {
  public func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    guard let answer = Answer.current else {
      try await logic.handle(book, deadline: deadline)
      return nil
    }
    let outcome = try await handleSynchronously(book, deadline: deadline)
    answer.outcome.change { $0 = outcome }
    return nil
  }

  /// Records the facts that the logic answers. Repeated, it records none twice.
  private func handleSynchronously(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProcessorOutcome {
    let (facts, projections) = try await logic.handleSynchronously(book, deadline: deadline)
    var outcome = ProcessorOutcome(projections: projections)
    let event = EventReference(cover: book.cover, sequence: book.pages.first)
    for (index, fact) in facts.enumerated() {
      var fact = fact
      fact.commandID = Root.derived(by: name, from: event, UInt32(index)).description
      if fact.origin.correlation.isEmpty {
        fact.origin.correlation = book.origin.correlation
      }
      if let recorded = try await recorder.record(fact, deadline: deadline) {
        outcome.books.append(recorded)
      }
    }
    return outcome
  }
}

extension EventedSaga {
  /// The saga as a synchronous processor of commands' events.
  public func synchronous(fedBy intake: Projector) -> any SynchronousProcessor {
    Synchronous(saga: self, intake: intake)
  }

  private struct Synchronous: SynchronousProcessor {
    let saga: EventedSaga
    let intake: Projector

    var name: Name { saga.name }

    func process(
      _ book: EventBook, deadline: ContinuousClock.Instant
    ) async throws(ProcessorFailure) -> ProcessorOutcome {
      let answer = Answer()
      do {
        _ = try await Answer.$current.withValue(answer) {
          try await intake.handle(book, deadline: deadline)
        }
        if let outcome = answer.outcome.look({ $0 }) { return outcome }
        // The subscription was faster, and has handed the logic the events without asking for an
        // answer. It may get them again.
        return try await saga.handleSynchronously(book, deadline: deadline)
      } catch { throw ProcessorFailure(of: name, error, at: book.cover) }
    }
  }
}
