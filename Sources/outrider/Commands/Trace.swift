import ArgumentParser
import EventModel
import RPC
import SidecarConfiguration
import Wire

/// Shows the causes and effects of an event.
struct Trace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what led to an event, and what followed from it, across domains.",
    discussion: """
      Examples:
        outrider trace bank/0190163d-8694-739b-aea5-966c26f8ad91 7
        outrider trace order-4711                   a command's id, or a correlation
        outrider trace order-4711 --backward        only what led there
      """)

  @Argument(help: "The aggregate, as DOMAIN/UUID; or the id of a command, or a correlation.")
  var name: String

  @Argument(help: "The event's number, where an aggregate is named.")
  var sequence: UInt32?

  @Flag(help: "Only what led there, not what followed.")
  var backward = false

  @Option(help: "So many commits at most. (default: as the server likes)")
  var limit: Int?

  @OptionGroup var client: ClientOptions

  func run() async throws {
    if let limit, limit < 1 { throw Failure(.usage, "--limit must be 1 at least") }
    let (starts, name) = (try starts(), name)
    let (isBackwardOnly, limit, json) = (backward, limit, client.json)
    try await Client.with(client, default: .queryHandler) { client, output in
      for start in starts {
        var tree = TraceTree()
        do {
          try await client.stream(
            "outrider.v1.Trace", "Get",
            OutriderV1.TraceRequest(start: start, isBackwardOnly: isBackwardOnly, limit: limit),
            as: OutriderV1.TraceNode.self
          ) { node in
            if json { try output.line(node.json.text) } else { tree.add(node) }
          }
          for line in tree.lines { try output.line(line) }
          return
        } catch let status as RPCStatus where status.code == .notFound && starts.count > 1 {
          continue
        }
      }
      throw Failure(.refused, "there is no command and no correlation \(name)")
    }
  }

  /// Possible meanings of the name, the likelier first.
  private func starts() throws -> [OutriderV1.TraceRequest.Start] {
    if let sequence {
      guard let cover = try AggregateName(argument: name)?.cover(in: nil) else {
        throw Failure(.usage, "\(name) is not an aggregate: give DOMAIN/UUID before a number")
      }
      return [.event(EventReference(cover: cover, sequence: SequenceNumber(sequence)))]
    }
    if AggregateName(argument: name)?.domain != nil {
      throw Failure(.usage, "the event's number is missing: give \(name) NUMBER")
    }
    return [.commandID(Name(name)), .correlation(Name(name))]
  }
}
