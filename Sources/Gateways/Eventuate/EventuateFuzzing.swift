import JSON

/// Decoders of untrusted input, for fuzzing: each accepts or rejects it, and accepted input
/// survives encoding and decoding.
package enum EventuateFuzzing {
  @Sendable package static func feed(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    if let id = EventuateID(text) {
      precondition(EventuateID(id.description) == id, text)
      precondition(EventuateID(id.root) == id, text)
    }
    let token = TriggeringToken(text)
    precondition(token.commandID.utf8.count <= 255, text)
    _ = AckHeader(text, on: "1")
    if let request = try? CreateRequest(input, space: "default"), let id = request.id {
      _ = try? EntityName(request.type, id: id)
    }
    if let type = try? EntityType("T", in: nil), let entity = try? EntityName(type, id: "1-2") {
      _ = try? UpdateRequest(input, of: entity)
    }
    guard let destination = try? Destination(text) else { return }
    let ack = AckHeader(connection: "1", number: 7)
    let header = ack.text(for: destination.subscriber)
    precondition(!header.contains("\\"), header)
    precondition(AckHeader(header, on: "2") == ack, header)
    precondition(destination.subscriber.subscription.utf8.count <= 128, text)
  }
}
