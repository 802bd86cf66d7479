import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `evented.EventQuery`: reads events back (port 1314).
  public static func eventQuery(_ domains: QueriedDomains) -> Service {
    Service(
      "evented.EventQuery",
      [
        "GetEvents": .serverStreaming { request, responses, context in
          try await answering {
            let query = try Evented.Query(wireBytes: request)
            guard let store = try await domains.existing(query.cover.domain) else { return }
            try await domains.reader(of: store, for: context).events(
              of: query.cover.root, from: query.lower, upTo: query.upper
            ) { try await responses.send($0.wireBytes) }
          }
        },
        "Synchronize": .bidirectional { requests, responses, context in
          try await answering {
            try await SynchronizeCall(domains, responses, context).run(requests)
          }
        },
        "GetAggregateRoots": .serverStreaming { _, responses, context in
          try await answering {
            for name in try await domains.names() {
              guard let store = try await domains.existing(name) else { continue }
              try await domains.reader(of: store, for: context).roots { root in
                try await responses.send(
                  Evented.AggregateRoot(Cover(domain: name, root: root)).wireBytes)
              }
            }
          }
        },
      ])
  }
}
