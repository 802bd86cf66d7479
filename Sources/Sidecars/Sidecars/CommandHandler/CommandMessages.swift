import EventModel
import EventSourcing
import Wire

/// Reads one domain's commands from channel messages, by content type: `application/protobuf` is
/// an `evented.CommandBook`, `application/json` an Evento envelope.
public struct CommandMessages: Sendable {
  /// Parses the command in an envelope; nil: it is for another domain.
  ///
  /// - Parameter id: the command's id if the envelope has none.
  public typealias EnvelopeReader =
    @Sendable (
      _ envelope: Bytes, _ id: String
    ) async throws -> Command?

  private let domain: Name
  private let causes: Causes
  private let envelope: EnvelopeReader

  public init(of domain: Name, causes: Causes, envelope: @escaping EnvelopeReader) {
    self.domain = domain
    self.causes = causes
    self.envelope = envelope
  }

  /// The command in a message; nil: it is for another domain. Its id is the same at each
  /// redelivery.
  @Sendable public func command(in message: ChannelMessage) async throws -> Command? {
    let placeID = "\(Root.named(Name(message.place), by: "$intake"))"
    guard var command = try await read(message, placeID) else { return nil }
    if command.id == nil { command = command.identified(as: placeID) }
    command.origin = try await causes.inherited(by: command.origin)
    if let span = CommandMessage.span(header: message.header) {
      command.origin = try command.origin.caused(by: span)
    }
    return command
  }

  private func read(_ message: ChannelMessage, _ id: String) async throws -> Command? {
    let type = message.header(CommandMessage.contentTypeHeader) ?? ""
    switch type.prefix(while: { $0 != ";" }).lowercased() {
    case EventMessage.contentType:
      let command = try CommandMessage.command(in: message.body, header: message.header)
      return command.cover.domain == domain ? command : nil
    case "application/json": return try await envelope(message.body, id)
    default:
      throw EventSourcingError(
        .invalid,
        "its header \(CommandMessage.contentTypeHeader) is \(type.isEmpty ? "missing" : type); a "
          + "command is application/protobuf or application/json")
    }
  }
}
