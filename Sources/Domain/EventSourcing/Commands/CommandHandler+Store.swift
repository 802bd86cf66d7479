import EventModel
import StatusCodes
import Synchronization
import Tracing

/// The store, with its errors as callers see them.
extension CommandHandler {
  func conclusion(of root: Root, commandID: String?) async throws -> CommandConclusion? {
    guard let commandID else { return nil }
    do { return try await store.conclusion(of: root, commandID: commandID) } catch {
      throw EventSourcingError(error)
    }
  }

  /// The answer to a command that has ended: as it ended.
  func answer(
    _ conclusion: CommandConclusion, to id: String?, of cover: Cover
  ) throws -> CommandResult {
    switch conclusion {
    case .appended(let earlier): return CommandResult(repeating: earlier)
    case .barred(.nothingToDo): return CommandResult(alreadyHandled: true)
    case .barred(.refused(let status)): throw status
    case .barred(.expired):
      throw EventSourcingError(
        .expired,
        "command \(id ?? "") of \(cover) expired before it was carried out, and never will be: "
          + "give a new command an id of its own")
    }
  }

  /// - Parameter earlier: what was known of it before; the function style goes on from there.
  func load(
    _ cover: Cover, since earlier: KnownAggregate?, deadline: ContinuousClock.Instant
  ) async throws -> KnownAggregate {
    guard let states else {
      do { return KnownAggregate(try await store.load(cover.root)) } catch {
        throw EventSourcingError(error)
      }
    }
    let end = try await next(of: cover)
    var known: KnownAggregate
    // A store that was set back to an older copy may have less than is known.
    if let earlier, earlier.aggregate.next <= end {
      known = earlier
    } else {
      do { known = try await states.start(cover, in: store) } catch {
        throw EventSourcingError(error)
      }
    }
    known.note(end: end)
    do {
      try await states.bringUp(&known, from: store, asking: retries, deadline: deadline)
    } catch {
      cache.put(known)
      throw (error as? StorageError).map(EventSourcingError.init) ?? error
    }
    return known
  }

  /// Bars the command: it has come to this end, or to an earlier one. One without an id is not
  /// barred.
  func bar(_ command: Command, as end: EndWithoutEvents) async throws -> CommandConclusion {
    guard let id = command.id else { return .barred(end) }
    do { return try await store.bar(id, of: command.cover.root, as: end) } catch {
      throw EventSourcingError(error)
    }
  }

  func next(of cover: Cover) async throws -> SequenceNumber {
    do { return try await store.next(of: cover.root) } catch { throw EventSourcingError(error) }
  }

  func append(_ commit: Commit) async throws -> AppendOutcome {
    let span = Span.current?.child(
      "append",
      attributes: [
        SpanAttribute("outrider.domain", .text(commit.cover.domain.text)),
        SpanAttribute("outrider.root", .text(commit.cover.root.description)),
        SpanAttribute("outrider.sequence", .number(Int64(commit.pages.first.rawValue))),
        SpanAttribute("outrider.events", .number(Int64(commit.pages.count))),
      ])
    do {
      let outcome = try await store.append(commit)
      if case .appended = outcome { appended(commit) }
      span?.end(outcome)
      return outcome
    } catch {
      span?.end(isFailed: true)
      observe(.appendFailed(error))
      throw EventSourcingError(error)
    }
  }

  private func appended(_ commit: Commit) {
    observe(.appended(snapshotOf: commit.snapshot == nil ? nil : commit.cover))
    guard !hasAppended.load(ordering: .relaxed), !hasAppended.exchange(true, ordering: .relaxed)
    else { return }
    firstAppended()
  }

  func check(
    _ expected: SequenceNumber?, against next: SequenceNumber, of cover: Cover
  ) throws(EventSourcingError) {
    guard let expected, expected != next else { return }
    throw EventSourcingError(
      .precondition,
      "expected.next is \(expected), but the next event of \(cover) is number \(next): "
        + "read the aggregate and decide again")
  }

  func contention(on cover: Cover) -> EventSourcingError {
    EventSourcingError(
      .conflict,
      "other writers of \(cover) were faster \(limits.attemptsMax) times: send the command again")
  }
}

extension Span {
  /// Ends the span of an append.
  fileprivate func end(_ outcome: AppendOutcome) {
    switch outcome {
    case .appended(let position): set("outrider.position", position.number)
    case .alreadyHandled: set("outrider.append", "already handled")
    case .barred: set("outrider.append", "barred")
    case .conflict: set("outrider.append", "conflict")
    }
    end()
  }
}
