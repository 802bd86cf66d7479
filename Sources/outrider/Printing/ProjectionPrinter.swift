import EventModel
import JSON
import Payloads
import Wire

/// Prints projections, one a line.
struct ProjectionPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  func show(
    _ projection: Projection, updatedAt: Timestamp?, to output: inout StandardOutput
  ) async throws {
    guard !json else {
      return try output.line(await object(projection, updatedAt: updatedAt).text)
    }
    let time = updatedAt.map { "  \($0.text)" } ?? ""
    let place = "\(projection.cover)  to \(padded("\(projection.sequence)", 4))"
    let payload = await payloads.text(Payload(leniently: projection.value))
    try output.line("\(place)\(time)  \(payload)")
  }

  func object(_ projection: Projection, updatedAt: Timestamp? = nil) async -> JSONValue {
    var members = [JSONValue.Member("projector", .string(projection.projector.text))]
    members += projection.cover.members
    members.append(.init("sequence", .integer(projection.sequence.rawValue)))
    if let updatedAt { members.append(.init("updatedAt", .string(updatedAt.text))) }
    let payload = await payloads.members(Payload(leniently: projection.value))
    return .object(members + payload)
  }
}
