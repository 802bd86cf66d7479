import EventModel
import HTTP1
import JSON
import Payloads
import Wire

extension RestGateway {
  var projectionOperations: [Operation] {
    [
      .get(
        "/v1/domains/{domain}/aggregates/{root}/projections/{projector}",
        "Read what a projector made of the aggregate.",
        [
          .domain, .root, .projector,
          .query(
            "atLeast",
            "Wait until the projector has handled this position of the log.",
            Operation.Parameter.whole(1, Int(Int64.max))),
          .partition, .requestTimeout,
        ],
        answers: [
          .json(200, "The projection.", .projection)
            .with("ETag", "The number of the last event in it.")
        ] + .failures
      ) { try await $0.showProjection() }
    ]
  }
}

extension RestRequest {
  fileprivate func showProjection() async throws -> HTTPResponse {
    let cover = try cover
    let projector = try name("projector")
    let partition = try number("partition", 0...UInt32.max) ?? 0
    let atLeast = try number("atLeast", 1...UInt64(Int64.max)).map {
      Position(partition: partition, number: $0)
    }
    let options = try options()
    let record: OutriderV1.ProjectionRecord = try await call(
      gateway.backends.queries(cover.domain), "outrider.v1.Projections", "Get",
      OutriderV1.GetProjectionRequest(projector: projector, cover: cover, atLeast: atLeast),
      options)
    let shown = CommitJSON(codec: gateway.codec(of: cover.domain, for: options))
    return HTTPResponse(
      json: await shown.projection(record.projection, updatedAt: record.updatedAt),
      ["ETag": "\"\(record.projection.sequence)\""])
  }
}
