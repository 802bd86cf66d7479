import EventModel

// What one task does for one aggregate.

extension Subscription {
  /// Delivers what waits for one aggregate until nothing does, or the task is cancelled.
  ///
  /// A failure, of the consumer or of the store, at any point, means a pause and another try.
  func drain(_ cover: Cover, of run: SubscriptionRun) async {
    var tries = DeliveryTries(settings)
    defer { run.withCircuit { $0.left(cover.root) } }
    while !Task.isCancelled {
      do {
        if tries.isExhausted {
          try await settle(cover, &tries, of: run)
          continue
        }
        // Whoever has nothing to deliver ends before others had their turn.
        if run.becomesIdle(cover.root) { return }
        switch try await run.deliveries.run({ try await step(cover, &tries, of: run) }) {
        case .done: break
        case .held(let pause): try await environment.sleep(pause)
        }
      } catch {
        await pause(after: error, cover, &tries, of: run)
      }
    }
  }

  private enum Step {
    case done
    /// The consumer is down: nothing was tried.
    case held(Duration)
  }

  /// Delivers the next of what waits.
  private func step(
    _ cover: Cover, _ tries: inout DeliveryTries, of run: SubscriptionRun
  ) async throws -> Step {
    let root = cover.root
    // Noted before the look-up: a retry that ends after it finds all commits up to here.
    guard let due = try await due(for: root, of: run), let last = run.last(of: root) else {
      return .done
    }
    let standing = try await standing(of: root, in: run)
    if standing == .parked {
      finish(root, upTo: last, of: run)
      return .done
    }
    let next: SequenceNumber
    let commits: [RecordedCommit]
    let end: UInt64
    switch due {
    case .commits(let held):
      (next, commits, end) = (.first, held, held.last?.position.number ?? last)
    case .stream(let last):
      next = try await consumer.next(of: root)
      commits = try await store.commits(
        of: root, from: next, limit: streamLimit
      ).filter { $0.position.number <= last }
      end = commits.last?.position.number ?? last
      tries.continue(at: next)
    }
    if !commits.isEmpty {
      if case .wait(let pause) = run.withCircuit({ $0.admit(root, at: environment.instant()) }) {
        tries.restart()
        return .held(pause)
      }
      let isNew = run.isNew(commits) && tries.count == 0
      for book in books(of: commits, from: next, tries) {
        try await consumer.consume(
          book, isNew: isNew && book.pages.first == .first,
          deadline: environment.instant() + settings.deliveryTimeout)
      }
      succeeded(cover, &tries, of: run)
    }
    if case .leftover(let first) = standing {
      try await store.unpark(consumer.name, root: root, at: first)
    }
    finish(root, upTo: end, of: run)
    return .done
  }

  /// At its pace, where it has one.
  private func due(for root: Root, of run: SubscriptionRun) async throws -> DispatchPlan.Due? {
    guard let pace else { return run.due(for: root) }
    return try await pace.turn {
      let due = run.due(for: root, eventsMax: pace.eventsMax)
      // How many events a stream has is not known yet.
      return (due, events: due.map { $0.eventCount ?? pace.eventsMax } ?? 0)
    }
  }

  private var streamLimit: ReadLimit {
    let limit = ReadLimit(bytes: settings.bookBytesMax)
    return ReadLimit(count: min(limit.count, pace?.eventsMax ?? .max), bytes: limit.bytes)
  }

  private func books(
    of commits: [RecordedCommit], from next: SequenceNumber, _ tries: DeliveryTries
  ) -> [EventBook] {
    if !consumer.joinsCommits { return EventBook.books(of: commits, from: next) }
    // After a refusal a page at a time, so that only the one that is refused is held back.
    let bytesMax = tries.count == 0 ? settings.bookBytesMax : 0
    return EventBook.joining(commits, from: next, bytesMax: bytesMax)
  }

  private func finish(_ root: Root, upTo number: UInt64, of run: SubscriptionRun) {
    run.finish(root, upTo: number)
    release(root, upTo: number)
    mark.raise(to: run.lowWaterMark)
  }

  private func release(_ root: Root, upTo number: UInt64) {
    source.release(root, upTo: Position(partition: partition, number: number))
  }

  private func succeeded(_ cover: Cover, _ tries: inout DeliveryTries, of run: SubscriptionRun) {
    if run.withCircuit({ $0.succeeded(cover.root, at: environment.instant()) }) {
      observe(.circuitClosed)
    }
    guard tries.failure != nil else { return }
    observe(.recovered(cover))
    tries.reset()
  }

  /// The aggregate's commits are let go meanwhile: other aggregates may have their room.
  private func pause(
    after error: any Error, _ cover: Cover, _ tries: inout DeliveryTries, of run: SubscriptionRun
  ) async {
    if Task.isCancelled { return }
    var failure = DeliveryFailure(error)
    if let error = error as? StorageError, error.code == .fenced { failure.isTemporary = true }
    let isNews = tries.failure == nil || !failure.isTemporary
    let pause = tries.failed(
      failure, among: run.aggregateCount, random: environment.random())
    if let last = run.last(of: cover.root) { release(cover.root, upTo: last) }
    run.release(cover.root)
    run.withCircuit { circuit in
      let now = environment.instant()
      if failure.isTemporary {
        circuit.interrupted(cover.root, at: now)
      } else {
        circuit.refused(cover.root, at: now)
      }
    }
    if isNews { observe(.retrying(cover, tries.sequence, failure, tries: tries.count)) }
    try? await environment.sleep(pause)
  }
}

// MARK: - Parking

extension Subscription {
  private enum Standing: Equatable {
    case flows
    case parked
    /// It was parked at this event, but the consumer has come further: somebody retried it.
    case leftover(SequenceNumber)
  }

  private func standing(
    of root: Root, in run: SubscriptionRun
  ) async throws(StorageError) -> Standing {
    guard run.mayBeParked(root), let parked = try await store.parked(by: consumer.name, root: root)
    else { return .flows }
    let next = try await consumer.next(of: root)
    return next > parked.firstSequence ? .leftover(parked.firstSequence) : .parked
  }

  /// Goes on without what used up its tries, unless the consumer is down: what it refuses is kept
  /// elsewhere, or the aggregate is parked.
  private func settle(
    _ cover: Cover, _ tries: inout DeliveryTries, of run: SubscriptionRun
  ) async throws {
    guard let failure = tries.failure else { return tries.reset() }
    let verdict = run.withCircuit { $0.judge(cover.root, at: environment.instant()) }
    if case .down(let opened) = verdict {
      if let opened { observe(.circuitOpened(failing: opened, failure)) }
      return tries.restart()
    }
    let deadline = environment.instant() + settings.deliveryTimeout
    if !failure.isDataLoss, try await consumer.setAside(cover, deadline: deadline) {
      observe(.kept(cover, failure))
    } else {
      try await park(cover, failure, tries: tries.count, of: run)
    }
    tries.reset()
  }

  func park(
    _ cover: Cover, _ failure: DeliveryFailure, tries: Int, of run: SubscriptionRun
  ) async throws {
    let first = try await consumer.next(of: cover.root)
    // Asked after the look-up: until now, nobody else delivered the event that was refused.
    try await confirm(run.lease)
    try await store.park(
      ParkedAggregate(
        subscription: consumer.name, root: cover.root, firstSequence: first,
        reason: failure.message, statusCode: failure.statusCode, tries: tries,
        parkedAt: environment.now()))
    run.noteParked(cover.root)
    run.withCircuit { $0.left(cover.root) }
    observe(.parked(cover, first, failure))
  }
}
