import HTTP1
import Metrics
import Synchronization

/// Counts the gateway's answers, and shows what it holds.
package final class GatewayMetrics: Measured {
  private struct Answer: Hashable {
    let route: String
    let status: Int
  }

  private struct State {
    var answers: [Answer: UInt64] = [:]
    var server: HTTPServer?
  }

  private let state = Mutex(State())

  package init() {}

  /// Adds the server's figures.
  package func watch(_ server: HTTPServer) { state.withLock { $0.server = server } }

  /// - Parameter route: the pattern of the path, one of few; nil: no route matched.
  package func answered(_ route: String?, _ status: Int) {
    state.withLock { $0.answers[Answer(route: route ?? "none", status: status), default: 0] += 1 }
  }

  package func write(to exposition: inout Exposition) async {
    let (answers, server) = state.withLock { ($0.answers, $0.server) }
    exposition.family(
      "outrider_http_requests_total", .counter, "Requests that the gateway has answered."
    ) { family in
      let sorted = answers.sorted {
        ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
      }
      for (answer, count) in sorted {
        family.add(count, ["route": answer.route, "status": String(answer.status)])
      }
    }
    guard let server else { return }
    exposition.family("outrider_http_streams", .gauge, "Clients that follow events.") { family in
      family.add(UInt64(server.streamCount))
    }
    exposition.family(
      "outrider_http_held_bytes", .gauge, "Bytes of requests and answers that are under way."
    ) { family in
      family.add(UInt64(max(0, server.heldBytes)))
    }
  }
}
