import EventModel

/// A saga that takes part in the answer to a command: its commands are sent at once, and their
/// events are in the answer. Work that is not done in time continues asynchronously.
public struct SynchronousSaga: SynchronousProcessor {
  private let saga: Saga
  private let intake: Projector
  private let commands: SagaCommands

  /// - Parameter intake: the consumer that feeds the saga from the events' domain.
  public init(_ saga: Saga, fedBy intake: Projector, sender: any CommandSender) {
    self.saga = saga
    self.intake = intake
    commands = SagaCommands(saga: saga, sender: sender, targets: SagaTargets())
  }

  public var name: Name { saga.name }

  public func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    do {
      _ = try await intake.handle(book, deadline: deadline)
      // Keep some time to return the results so far.
      let now = saga.environment.instant()
      return ProcessorOutcome(books: try await follow(book, until: now + (deadline - now) * 0.9))
    } catch { throw ProcessorFailure(of: name, error, at: book.cover) }
  }

  /// Executes the reaction to the events, and the reactions to its commands' outcomes.
  ///
  /// - Returns: all events that they led to.
  private func follow(
    _ book: EventBook, until deadline: ContinuousClock.Instant
  ) async throws -> [EventBook] {
    var books: [EventBook] = []
    var due = try await firstStep(after: book)
    while let step = due.first {
      due.removeFirst()
      for command in step.commands {
        var isEndedHere = false
        let progress = try await commands.carryOut(command, of: step, by: deadline) { delivery in
          isEndedHere = true
          if case .outcome(let outcome) = delivery.input, let events = outcome.events {
            books.append(events)
          }
          let reaction = try await saga.take(delivery, deadline: deadline)
          due += try await steps(behind: delivery.id, of: delivery.cover.root, reaction)
        }
        // The dispatcher takes over commands that cannot be executed now.
        guard case .ended = progress, saga.environment.instant() < deadline else { return books }
        if isEndedHere { continue }
        // The dispatcher was faster.
        let behind = try await steps(
          behind: Saga.Delivery.id(ofEndOf: command), of: step.place.cover.root)
        if behind.contains(where: \.step.trigger.hasEvents),
          let events = try await commands.events(of: command, of: step, by: deadline)
        {
          books.append(events)
        }
        due += behind
      }
    }
    return books
  }

  /// Empty if the events led to no step.
  private func firstStep(after book: EventBook) async throws -> [RecordedSagaStep] {
    guard let delivery = saga.delivery(of: book) else { return [] }
    return try await steps(behind: delivery.id, of: delivery.cover.root)
  }

  /// The steps that an input led to. The dispatcher works on the same instance, and may have
  /// stored the step first, and even finished the instance.
  private func steps(
    behind input: String, of instance: Root, _ reaction: RecordedCommit? = nil
  ) async throws -> [RecordedSagaStep] {
    var commit = reaction
    if commit == nil { commit = try await saga.store.commit(of: instance, commandID: input) }
    return try commit.map { try saga.steps(in: EventBook($0)) } ?? []
  }
}

extension SagaStep.Trigger {
  /// Whether the command that ended led to events.
  fileprivate var hasEvents: Bool {
    if case .outcome(_, .appended, _) = self { true } else { false }
  }
}
