import RPC
import Synchronization

/// Measures the calls to one target, by method.
package final class ClientMeter: ClientInterceptor {
  /// The called methods, as a lock-free list that only grows. All methods are named in our own
  /// code, so it stays short.
  private final class Entry: Sendable {
    let method: Method
    let meter = CallMeter()
    let next = AtomicLazyReference<Entry>()

    init(_ method: Method) { self.method = method }
  }

  private let first = AtomicLazyReference<Entry>()

  package func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)? {
    let meter = meter(of: method)
    let began = meter.begin()
    return { meter.end($0.code, since: began) }
  }

  func meter(of method: Method) -> CallMeter {
    var entry = first.load() ?? first.storeIfNil(Entry(method))
    while entry.method.path != method.path {
      entry = entry.next.load() ?? entry.next.storeIfNil(Entry(method))
    }
    return entry.meter
  }

  var meters: [(method: Method, meter: CallMeter)] {
    sequence(first: first.load(), next: { $0?.next.load() }).prefix { $0 != nil }
      .compactMap { $0.map { ($0.method, $0.meter) } }
  }
}
