import EventModel
import JSON
import Sidecars
import Wire

/// A rule for one type of event or ended command, with all names resolved in schemas.
struct Rule: Sendable {
  /// Selects the rules for an occurrence.
  struct Key: Hashable, Sendable {
    var domain: Name
    /// The payload's full name.
    var type: String
    /// Nil: an event.
    var end: Trigger.End?
  }

  /// The command for one domain.
  struct CommandForm: Sendable {
    var type: String
    var value: CommandValue
  }

  /// The rule's name, for messages.
  var name: String
  var conditions: [Condition]
  var domain: FoundText
  var root: FoundText
  var entity: FoundText?
  /// The forms by target domain.
  var forms: [Name: CommandForm]

  /// The command to send; nil if a condition does not hold. Throws if the occurrence lacks a
  /// value.
  func command(
    for occurrence: Occurrence, by payloads: [Name: DomainPayloads]
  ) throws(RuleFlaw) -> SagaCommand? {
    guard conditions.allSatisfy({ $0.holds(for: occurrence) }) else { return nil }
    let domain = Name(try domain.text(in: occurrence))
    guard let form = forms[domain], let payloads = payloads[domain] else {
      throw RuleFlaw("it cannot send to the domain \(JSONValue.string(domain.text).text)")
    }
    let cover = Cover(domain: domain, root: try root.root(in: occurrence))
    let value = try form.value.json(for: occurrence) ?? [:]
    let payload: Payload
    do { payload = try payloads.payload(value, as: form.type) } catch {
      throw RuleFlaw("\(form.type): \(error)")
    }
    let entity = try entity?.text(in: occurrence)
    let page = Evented.CommandPage(
      payload, entity: entity.flatMap { $0.isEmpty ? nil : Name($0) })
    return SagaCommand(
      cover: cover, encoded: Evented.CommandBook(cover: cover, pages: [page]).wireBytes)
  }
}
