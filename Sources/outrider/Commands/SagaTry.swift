import ArgumentParser
import EventModel
import JSON
import LiveConfiguration
import SagaRules
import SidecarConfiguration
import Sidecars
import Timing
import Wire

extension Saga {
  /// Shows what a saga's rules would send.
  struct Try: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the commands that a saga's rules would send; nothing is sent.",
      discussion: """
        Takes the content of the event as JSON, or that of the command that ended. Only files are \
        read: the configuration, the rules and the schemas.

        Example: echo '{"total": 5}' | outrider saga try confirmation Placed
        """)

    @Argument(help: "The saga's name.") var name: Name
    @Argument(help: "What happened, as `on` has it in a rule: Placed, or 'stock/Reserve refused'.")
    var trigger: String
    @Argument(help: "The file with the content; - is standard input.") var file = "-"
    @Option(help: "The configuration.") var config = ConfigurationFile.defaultPath
    @Option(help: "The root of the event's aggregate, or of the command's: a UUID or a name.")
    var root = "\(Root.nil)"
    @Option(help: "Its member, TYPE:ID.") var entity: Name?
    @Option(help: "What was said where the command was refused.") var message = ""
    @Flag(help: "One JSON object for each command.") var json = false

    func run() async throws {
      let rules = try await rules()
      guard let root = Root(named: root) else {
        throw ValidationError("--root is neither a UUID nor a name")
      }
      let commands: [RuleTrial.Command]
      do {
        commands = try await RuleTrial(rules).commands(
          on: trigger, JSONValue.parse(readFile(file)), of: root, entity: entity,
          time: Environment.live.now(), message: message)
      } catch let error as RuleFlaw {
        throw Failure(.badData, "\(error)")
      } catch let error as PayloadFlaw {
        throw Failure(.badData, "\(error)")
      } catch let error as JSONError { throw Failure(.badData, "\(error)") }
      var output = StandardOutput()
      for command in commands { try output.line(json ? object(command).text : text(command)) }
      if commands.isEmpty { try output.line("nothing is sent") }
      try output.flush()
    }

    private func rules() async throws -> RuleSet {
      var sources = ConfigurationSources()
      sources.file = try await ConfigurationReader(flag: config, environment: processEnvironment())?
        .read()
      let configuration = try sources.resolve()
      guard let saga = configuration.sagas.first(where: { $0.name == name }),
        let path = saga.rules
      else {
        let names = configuration.sagas.filter { $0.rules != nil }.map(\.name.text)
        throw Failure(
          .configuration,
          "\(config) has no saga \(name) with rules; "
            + (names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"))
      }
      return try RuleSet(path: path, of: saga, in: configuration) { _, _ in nil }
    }

    private func text(_ command: RuleTrial.Command) -> String {
      let entity = command.entity.map { " \($0)" } ?? ""
      return "\(command.cover)\(entity) \(command.type) \(command.content.text)"
    }

    private func object(_ command: RuleTrial.Command) -> JSONValue {
      var members: [JSONValue.Member] = [
        .init("domain", .string(command.cover.domain.text)),
        .init("root", .string(command.cover.root.description)),
      ]
      if let entity = command.entity { members.append(.init("entity", .string(entity.text))) }
      return .object(
        members + [.init("type", .string(command.type)), .init("payload", command.content)])
    }
  }
}
