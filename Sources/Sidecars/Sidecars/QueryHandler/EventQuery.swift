import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `evented.EventQuery`: reads events back (port 1314).
  public static func eventQuery(
    _ domains: QueriedDomains, _ calls: ConsumerCalls = ConsumerCalls()
  ) -> Service {
    Service(
      "evented.EventQuery",
      [
        "GetEvents": .serverStreaming { request, responses, context in
          try await answering {
            let query = try Evented.Query(wireBytes: request)
            let store = try await domains.store(of: query.cover.domain)
            try await domains.reader(of: store, for: context).events(
              of: query.cover.root, from: query.lower, upTo: query.upper
            ) { try await responses.send($0.wireBytes) }
          }
        },
        "Synchronize": .bidirectional { requests, responses, context in
          try await answering {
            let call = SynchronizeCall(domains, responses, context)
            try await calls.run { try await call.run(requests) }
          }
        },
        "GetAggregateRoots": .serverStreaming { _, responses, context in
          try await answering {
            // A domain that cannot be read does not hide the others; the call fails at the end.
            var failure: (any Error)?
            for name in try await domains.names() {
              do {
                let store = try await domains.store(of: name)
                try await domains.reader(of: store, for: context).roots { root in
                  try await responses.send(
                    Evented.AggregateRoot(Cover(domain: name, root: root)).wireBytes)
                }
              } catch {
                try Task.checkCancellation()
                if error is RPCStatus { throw error }
                failure = failure ?? error
              }
            }
            if let failure { throw failure }
          }
        },
      ])
  }
}
