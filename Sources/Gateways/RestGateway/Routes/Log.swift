import Encodings
import EventModel
import HTTP1
import JSON
import Payloads
import RPC
import Wire

extension RestGateway {
  static let logPath = "/v1/domains/{domain}/log"

  var logOperations: [Operation] {
    [
      .get(
        Self.logPath,
        """
        Follow the domain's log as server-sent events, one commit each; where Accept asks for \
        application/json, a part of it.
        """,
        [
          .domain, .partition,
          .query(
            "after", "The position behind which to begin.",
            Operation.Parameter.whole(0, Int(Int64.max))),
          .query(
            "limit", "The most commits to answer.", Operation.Parameter.whole(1, commitsMax)),
          .follow, .lastEventID("^([0-9]{1,10}:[0-9]{1,20})?$"), .requestTimeout,
        ],
        answers: [
          .events("One commit each, whose id is PARTITION:POSITION."),
          .json(200, "Commits, in order.", .log).with("Link", "The next page."), .problem(406),
        ] + .failures
      ) { try await $0.showLog() }
    ]
  }

  /// The most commits in one answer.
  var commitsMax: Int { 10_000 }
}

extension RestRequest {
  fileprivate func showLog() async throws -> HTTPResponse {
    let domain = try domain
    let position = Position(
      partition: try number("partition", 0...UInt32.max) ?? 0,
      number: try number("after", 0...UInt64(Int64.max)) ?? 0)
    let limit = try number("limit", 1...gateway.commitsMax)
    let follows = try flag("follow") ?? true
    let last = try lastPosition
    switch MediaType.preferred(http.fields["Accept"], of: [MediaType.events, MediaType.json]) {
    case MediaType.json?:
      return try await page(ofLog: domain, after: last ?? position, limit: limit ?? 1000)
    case MediaType.events?:
      let request = OutriderV1.ReadLogRequest(
        domain: domain, after: last ?? position, follow: follows, limit: limit)
      return try await follow(request)
    default:
      throw HTTPFailure(406, "a log comes as \(MediaType.events) or \(MediaType.json)")
    }
  }

  /// From `Last-Event-ID`, which a browser sends when it reconnects.
  private var lastPosition: Position? {
    get throws(HTTPFailure) {
      guard let text = http.fields["Last-Event-ID"], !text.isEmpty else { return nil }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let partition = UInt32(digits: parts[0].utf8),
        let number = UInt64(digits: parts[1].utf8)
      else {
        throw HTTPFailure(400, "Last-Event-ID must be PARTITION:POSITION, such as 0:17")
      }
      return Position(partition: partition, number: number)
    }
  }

  private func page(
    ofLog domain: Name, after position: Position, limit: Int
  ) async throws -> HTTPResponse {
    let options = try options()
    let shown = CommitJSON(codec: gateway.codec(of: domain, for: options))
    let call = try await stream(
      gateway.backends.queries(domain), "outrider.v1.Log", "Read",
      OutriderV1.ReadLogRequest(domain: domain, after: position, limit: limit), options)
    var entries: [JSONValue] = []
    var byteCount = 0
    for try await message in call.responses {
      entries.append(await shown.entry(try Self.decoded(message)))
      byteCount += message.count
      try await http.hold(2 * message.count)
      if byteCount >= gateway.settings.pageBytesMax { break }
    }
    return HTTPResponse(json: .array(entries))
  }

  private func follow(_ request: OutriderV1.ReadLogRequest) async throws -> HTTPResponse {
    try await requireReadable(request)
    let options = try options(isEndless: true)
    let shown = CommitJSON(codec: gateway.codec(of: request.domain, for: options))
    let call = try await stream(
      gateway.backends.queries(request.domain), "outrider.v1.Log", "Read", request, options)
    return HTTPResponse(
      events: ServerSentEvents { writer in
        for try await message in call.responses {
          let entry: OutriderV1.LogEntry = try Self.decoded(message)
          let id = "\(entry.position.partition):\(entry.position.number)"
          try await writer.send(await shown.entry(entry), id: id)
        }
      })
  }

  /// Fails now, while the status can still be sent, if the stream would fail: a stream sends no
  /// status before its first entry.
  private func requireReadable(_ request: OutriderV1.ReadLogRequest) async throws {
    var first = request
    first.follow = false
    first.limit = 1
    let call = try await stream(
      gateway.backends.queries(request.domain), "outrider.v1.Log", "Read", first, try options())
    for try await _ in call.responses {}
  }
}
