import EventModel
import JSON
import Payloads
import Sidecars
import Wire

/// Dry run: computes what rules would send, and sends nothing.
public struct RuleTrial: Sendable {
  /// A command that would be sent.
  public struct Command: Equatable, Sendable {
    public let cover: Cover
    public let entity: Name?
    /// The payload's full name.
    public let type: String
    public let content: JSONValue
  }

  private let rules: RuleSet

  public init(_ rules: RuleSet) { self.rules = rules }

  /// The commands for one event or ended command, in the order of the rules.
  ///
  /// - Parameters:
  ///   - trigger: as `on` in a rule, with the domain if several domains have the type.
  ///   - content: the payload of the event or command.
  ///   - root: the root of its aggregate.
  ///   - message: the message of a refusal.
  /// - Throws: a `RuleFlaw` or a `PayloadFlaw` if no rule matches, or one fails.
  public func commands(
    on trigger: String, _ content: JSONValue, of root: Root, entity: Name? = nil,
    time: Timestamp, message: String = ""
  ) async throws -> [Command] {
    let (key, found, payloads) = try rules(for: Trigger(trigger), trigger)
    let payload = try payloads.payload(content, as: key.type)
    let occurrence = Occurrence(
      payload: try await payloads.json(payload, as: key.type),
      cover: Cover(domain: key.domain, root: root), entity: entity,
      sequence: key.end == nil ? .first : nil, time: time.text,
      refusal: key.end == .refused ? (.failedPrecondition, message) : nil)
    var commands: [Command] = []
    for rule in found {
      let command: SagaCommand?
      do throws(RuleFlaw) {
        command = try rule.command(for: occurrence, by: rules.payloads)
      } catch { throw RuleFlaw("\(rule.name) of \(rules.path): \(error)") }
      if let command { commands.append(try await shown(command)) }
    }
    return commands
  }

  private func rules(
    for trigger: Trigger, _ text: String
  ) throws(RuleFlaw) -> (Rule.Key, [Rule], DomainPayloads) {
    let found = rules.rules.filter { key, _ in
      key.end == trigger.end && trigger.domain ?? key.domain == key.domain
        && rules.payloads[key.domain]?.schema.payload(named: trigger.type) == key.type
    }
    guard let (key, rules) = found.first, let payloads = self.rules.payloads[key.domain] else {
      throw RuleFlaw("no rule of \(self.rules.path) is on \(text)")
    }
    guard found.count == 1 else {
      let domains = found.keys.map(\.domain).sorted().map(\.text)
      throw RuleFlaw("\(text) may be of \(listed(domains)); say which: DOMAIN/\(text)")
    }
    return (key, rules, payloads)
  }

  /// The command as its receiver decodes it.
  private func shown(_ command: SagaCommand) async throws -> Command {
    let page = try Evented.CommandBook(wireBytes: command.encoded).pages[0]  // A rule sends one.
    let payload = try Payload(wireBytes: page.command)
    guard let payloads = rules.payloads[command.cover.domain], let type = payloads.type(of: payload)
    else { throw RuleFlaw("\(payload.typeURL) is not in the schema of \(command.cover.domain)") }
    return Command(
      cover: command.cover, entity: page.entity, type: type,
      content: try await payloads.json(payload, as: type))
  }
}
