import EventModel

/// A step with its place in the instance's stream.
public struct RecordedSagaStep: Sendable {
  public var step: SagaStep
  public var place: EventReference
  public var correlation: String
  public var recordedAt: Timestamp
}

extension RecordedSagaStep {
  /// The commands in their order in the step.
  var commands: [PendingCommand] {
    step.commands.indices.compactMap { command(UInt32($0)) }
  }

  /// Nil if the step has no such command.
  func command(_ index: UInt32) -> PendingCommand? {
    guard index < step.commands.count else { return nil }
    return PendingCommand(of: place, index, to: step.commands[Int(index)].cover)
  }
}

extension Saga {
  /// Returns a step of an instance; nil if there is none.
  func step(_ root: Root, _ sequence: SequenceNumber) async throws -> RecordedSagaStep? {
    let commits = try await store.commits(of: root, from: sequence, limit: ReadLimit(count: 1))
    return try commits.first.flatMap { commit in
      try steps(in: EventBook(commit)).first { $0.place.sequence == sequence }
    }
  }

  /// Returns the instances ordered by root, after `root`.
  public func instances(after root: Root?, limit: Int) async throws -> [Root] {
    do { return try await store.roots(after: root, limit: limit) } catch {
      throw EventSourcingError(error)
    }
  }

  /// Returns all steps of an instance.
  public func steps(of root: Root) async throws -> [RecordedSagaStep] {
    var steps: [RecordedSagaStep] = []
    var next = SequenceNumber.first
    while true {
      let commits: [RecordedCommit]
      do { commits = try await store.commits(of: root, from: next, limit: ReadLimit()) } catch {
        throw EventSourcingError(error)
      }
      guard let last = commits.last else { return steps }
      for commit in commits { steps += try self.steps(in: EventBook(commit)) }
      next = last.commit.pages.next
    }
  }

  /// Decodes the steps in a book of the saga's own domain.
  func steps(in book: EventBook) throws(LogicError) -> [RecordedSagaStep] {
    var steps: [RecordedSagaStep] = []
    for page in book.pages.pages {
      let place = EventReference(cover: book.cover, sequence: page.sequence)
      do {
        steps.append(
          RecordedSagaStep(
            step: try codec.step(in: page.body), place: place,
            correlation: book.origin.correlation, recordedAt: page.createdAt))
      } catch {
        throw .refused(
          EventSourcingError(.dataLoss, "the step \(place) cannot be read: \(error)"))
      }
    }
    return steps
  }
}
