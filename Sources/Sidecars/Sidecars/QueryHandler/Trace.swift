import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.Trace`: the causes and effects of an event (port 1314).
  public static func trace(_ domains: QueriedDomains) -> Service {
    Service(
      "outrider.v1.Trace",
      [
        "Get": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.TraceRequest(wireBytes: request)
            try await domains.trace(for: context).nodes(
              from: TraceStart(request.start), limit: min(request.limit ?? nodesMax, nodesMax),
              isBackwardOnly: request.isBackwardOnly
            ) { try await responses.send(OutriderV1.TraceNode($0).wireBytes) }
          }
        }
      ])
  }
}

/// The most nodes of one answer, which is held in memory until sent.
private let nodesMax = 10_000

extension TraceStart {
  fileprivate init(_ start: OutriderV1.TraceRequest.Start) {
    switch start {
    case .event(let event): self = .event(event)
    case .commandID(let id): self = .commandID(id)
    case .correlation(let correlation): self = .correlation(correlation)
    }
  }
}

extension OutriderV1.TraceNode {
  fileprivate init(_ node: TraceNode) {
    self.init(
      number: node.number, parent: node.parent, cover: node.events.cover, first: node.events.first,
      count: node.events.next - node.events.first, eventTypes: node.eventTypes,
      commandID: node.commandID, correlation: node.correlation, position: node.position,
      recordedAt: node.recordedAt, causeSequence: node.causeSequence ?? .first,
      isStart: node.isStart, isTruncated: node.isTruncated)
  }
}
