import EventModel
import EventSourcing
import JSON
import Payloads
import Sidecars
import StatusCodes
import Wire

/// Saga logic defined by a file of rules: stateless, without timers.
///
/// Each rule that matches an event sends its command, in the order of the file. Deterministic
/// while rules and schemas stay the same.
public struct RuleSagaLogic: SagaLogic {
  private let rules: RuleSet

  public init(_ rules: RuleSet) { self.rules = rules }

  public func react(
    to input: SagaInput, of key: Name, state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction {
    var reaction = SagaReaction()
    switch input {
    case .events(let book):
      for page in book.pages.pages {
        reaction.commands += try await commands(for: page, of: book.cover)
      }
    case .outcome(let outcome):
      reaction.commands = try await commands(for: outcome)
    case .timer: break
    }
    return reaction
  }

  private func commands(
    for page: EventPage, of cover: Cover
  ) async throws(LogicError) -> [SagaCommand] {
    guard let payload = try? Payload(pageBody: page.body) else { return [] }
    return try await commands(
      for: payload, end: nil, named: "event \(page.sequence) of \(cover)",
      Occurrence(
        payload: .null, cover: cover, entity: page.entity, sequence: page.sequence,
        time: page.createdAt.text))
  }

  private func commands(for outcome: SagaOutcome) async throws(LogicError) -> [SagaCommand] {
    let end: Trigger.End
    var refusal: (code: StatusCode, message: String)?
    switch outcome.end {
    case .appended: end = .appended
    case .nothingToDo: end = .nothingToDo
    case .refused(let code, let message):
      end = .refused
      refusal = (code, message)
    // Commands of sagas never end so.
    case .expired, .cancelled: return []
    }
    // This saga sent it, so it decodes.
    let pages = (try? Evented.CommandBook(wireBytes: outcome.encoded))?.pages ?? []
    let cover = outcome.command.cover
    var commands: [SagaCommand] = []
    for page in pages {
      guard let payload = try? Payload(wireBytes: page.command) else { continue }
      commands += try await self.commands(
        for: payload, end: end, named: "the command \(outcome.command.id) for \(cover)",
        Occurrence(
          payload: .null, cover: cover, entity: page.entity, time: outcome.endedAt.text,
          refusal: refusal))
    }
    return commands
  }

  /// - Parameters:
  ///   - name: the input's name, for messages.
  ///   - occurrence: the input without its payload.
  private func commands(
    for payload: Payload, end: Trigger.End?, named name: String, _ occurrence: Occurrence
  ) async throws(LogicError) -> [SagaCommand] {
    guard let found = rules.rules(for: payload, of: occurrence.cover.domain, end: end) else {
      return []
    }
    var occurrence = occurrence
    occurrence.payload = try await json(payload, found.key, found.payloads, name)
    var commands: [SagaCommand] = []
    for rule in found.rules {
      do throws(RuleFlaw) {
        if let command = try rule.command(for: occurrence, by: rules.payloads) {
          commands.append(command)
        }
      } catch {
        throw .malformed("\(rule.name) of \(rules.path) fails for \(name): \(error.description)")
      }
    }
    return commands
  }

  private func json(
    _ payload: Payload, _ key: Rule.Key, _ payloads: DomainPayloads, _ name: String
  ) async throws(LogicError) -> JSONValue {
    do { return try await payloads.json(payload, as: key.type) } catch let flaw as PayloadFlaw {
      throw .malformed("\(key.type), \(name), cannot be read: \(flaw)")
    } catch {
      throw .unavailable("the schema that wrote \(key.type), \(name), cannot be read: \(error)")
    }
  }
}
