import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Sidecars
import Wire

/// Decodes commands in Evento's envelopes that do not come by HTTP.
package struct CommandEnvelopes: Sendable {
  private let types: PayloadTypes
  private let sidecar: any RPCChannel

  /// - Parameters:
  ///   - types: the message types that this process has descriptors for.
  ///   - sidecar: serves `outrider.v1.Schemas`, and reflection of payloads.
  package init(types: PayloadTypes, asking sidecar: any RPCChannel) {
    self.types = types
    self.sidecar = sidecar
  }

  /// Decodes the command in an envelope; nil: it is for another domain. Throws INVALID_ARGUMENT
  /// if the envelope is invalid or does not match its type, and another status if the domain's
  /// schema cannot be read now.
  ///
  /// - Parameter id: the command's id, if the envelope has none.
  package func command(
    in envelope: Bytes, of domain: Name, id: String
  ) async throws -> Command? {
    do {
      let envelope = try Envelope(parsing: envelope, id: id)
      guard envelope.cover.domain == domain else { return nil }
      let options = CallOptions(deadline: .after(.seconds(5)))
      let codec = PayloadCodec(
        domain: domain, types: types, server: PayloadServer(sidecar, options))
      return try Command(wireBytes: try await envelope.command.book(by: codec).wireBytes)
    } catch let failure as HTTPFailure {
      throw RPCStatus(.invalidArgument, failure.message)
    }
  }
}

extension Envelope {
  fileprivate init(parsing bytes: Bytes, id: String) throws(HTTPFailure) {
    let value: JSONValue
    do { value = try JSONValue.parse(bytes) } catch {
      throw HTTPFailure(400, "the body is \(error)")
    }
    try self.init(RequestBody(value), type: "command_type", id: id)
  }
}
