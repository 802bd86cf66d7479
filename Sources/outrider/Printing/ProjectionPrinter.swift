import EventModel
import JSON
import Wire

/// Shows projections, one a line.
struct ProjectionPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  func show(
    _ projection: Projection, updatedAt: Timestamp?, to output: inout StandardOutput
  ) throws(OutputClosed) {
    let payload = Payload(leniently: projection.value)
    guard !json else {
      var members = [JSONValue.Member("projector", .string(projection.projector.text))]
      members += projection.cover.members
      members.append(.init("sequence", .integer(projection.sequence.rawValue)))
      if let updatedAt { members.append(.init("updatedAt", .string(updatedAt.text))) }
      return try output.line(JSONValue.object(members + payloads.members(payload)).text)
    }
    let time = updatedAt.map { "  \($0.text)" } ?? ""
    let place = "\(projection.cover)  to \(padded("\(projection.sequence)", 4))"
    try output.line("\(place)\(time)  \(payloads.text(payload))")
  }
}
