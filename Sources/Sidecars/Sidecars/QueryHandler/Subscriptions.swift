import EventModel
import EventSourcing
import RPC
import Timing
import Wire

extension Service {
  /// `outrider.v1.Subscriptions`: durable subscriptions for services without a broker (port 1314).
  public static func subscriptions(
    _ domains: QueriedDomains, _ calls: ConsumerCalls = ConsumerCalls(),
    settings: ConsumerSettings = ConsumerSettings(), environment: Environment = .live
  ) -> Service {
    @Sendable func registry(of domain: Name) async throws -> SubscriptionRegistry {
      SubscriptionRegistry(try await domains.store(of: domain), environment: environment)
    }
    return Service(
      "outrider.v1.Subscriptions",
      [
        "Subscribe": .bidirectional { requests, responses, context in
          try await answering {
            try await SubscribeCall(
              domains, calls, responses, context, settings, environment
            ).run(requests)
          }
        },
        "List": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.ListSubscriptionsRequest(wireBytes: request)
            return try await list(request, in: try await domains.store(of: request.domain))
          }
        },
        "Delete": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.DeleteSubscriptionRequest(wireBytes: request)
            try await registry(of: request.domain).delete(request.name)
            return EmptyMessage().wireBytes
          }
        },
        "Seek": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.SeekSubscriptionRequest(wireBytes: request)
            try await registry(of: request.domain).move(
              request.name, to: .init(request.start), after: request.after, lanes: request.lanes)
            return EmptyMessage().wireBytes
          }
        },
      ])
  }
}

private func list(
  _ request: OutriderV1.ListSubscriptionsRequest, in store: any DomainStore
) async throws -> Message {
  let registry = SubscriptionRegistry(store)
  let page = try await registry.list(
    after: try root(of: request.page.token),
    limit: request.page.limit)
  var heads: [UInt64] = []
  for partition in 0..<store.partitions {
    heads.append(try await store.head(ofPartition: partition).number)
  }
  var answer = OutriderV1.ListSubscriptionsResponse(
    subscriptions: [], nextPage: page.next?.bytes ?? [])
  for subscription in page.subscriptions {
    var status = OutriderV1.SubscriptionStatus(
      name: subscription.name, domain: store.domain, lanes: subscription.lanes,
      createdAt: subscription.createdAt, progress: [])
    for lane in subscription.allLanes where lane.partition < heads.count {
      let checkpoint = try await registry.checkpoint(of: lane, of: subscription)
      status.progress.append(
        .init(
          partition: lane.partition, lane: lane.lane, checkpoint: checkpoint,
          head: heads[Int(lane.partition)]))
    }
    answer.subscriptions.append(status)
  }
  return answer.wireBytes
}

/// Parses a page token: the last root of the previous page.
private func root(of pageToken: Bytes) throws -> Root? {
  if pageToken.isEmpty { return nil }
  guard let root = Root(pageToken) else {
    throw EventSourcingError(.invalid, "page_token is not one that List gave")
  }
  return root
}

extension SubscriptionRegistry.Start {
  init(_ start: OutriderV1.SubscriptionStart) {
    switch start {
    case .beginning: self = .beginning
    case .head: self = .head
    }
  }
}
