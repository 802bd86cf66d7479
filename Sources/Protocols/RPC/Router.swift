/// Maps a request's path to its handler. A class, so that a call holds one reference.
public final class Router: Sendable {
  /// Sorted by path, for binary search: a server has tens of methods, and a few byte comparisons
  /// need neither a string nor a hash for each call.
  private let routes: [Route]
  private let services: Set<String>

  /// Traps on two services of the same name, a bug of the caller.
  public init(_ services: [Service]) {
    let names = Set(services.map(\.name))
    precondition(names.count == services.count, "a service is registered twice")
    self.services = names
    routes = services.flatMap { service in
      service.methods.map { Route(Method(service: service.name, name: $0), $1, of: service) }
    }.sorted { first, second in second.path.withUnsafeBufferPointer { first.order(to: $0) < 0 } }
  }

  /// The handler of a method; throws UNIMPLEMENTED with the unknown name.
  public func handler(_ method: Method) throws(RPCStatus) -> Handler {
    try route(path: Array(method.path.utf8)).handler
  }

  /// The route of a peer's `:path`; throws UNIMPLEMENTED with the error.
  package func route(path: [UInt8]) throws(RPCStatus) -> Route {
    guard let route = path.withUnsafeBufferPointer(find) else { throw unknown(path) }
    return route
  }

  /// The route of a path; nil if there is none.
  package func find(_ path: UnsafeBufferPointer<UInt8>) -> Route? {
    var low = 0
    var high = routes.count
    while low < high {
      let middle = (low + high) / 2
      let order = routes[middle].order(to: path)
      if order == 0 { return routes[middle] }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The status that names the unknown part of a path.
  package func unknown(_ path: [UInt8]) -> RPCStatus {
    let text = String(decoding: path.prefix(256), as: UTF8.self)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
      return RPCStatus(.unimplemented, "\"\(text)\" is not a path of the form /service/method")
    }
    return services.contains(String(parts[1]))
      ? RPCStatus(.unimplemented, "service \(parts[1]) has no method \(parts[2])")
      : RPCStatus(.unimplemented, "unknown service \(parts[1])")
  }
}

/// A method with its handler. A class, so that a call holds one reference.
package final class Route: Sendable {
  package let method: Method
  package let handler: Handler
  /// True if the request is one message; the handler starts once the request has ended.
  package let takesOneMessage: Bool
  /// True if each direction has one message.
  package let isUnary: Bool
  /// As `Service.isForStrangers`.
  package let isForStrangers: Bool
  /// Nil: all calls are admitted.
  package let admission: (any CallAdmission)?
  let path: [UInt8]

  init(_ method: Method, _ handler: Handler, of service: Service) {
    self.method = method
    self.handler = handler
    takesOneMessage =
      switch handler {
      case .unary, .serverStreaming: true
      case .clientStreaming, .bidirectional: false
      }
    isUnary = if case .unary = handler { true } else { false }
    isForStrangers = service.isForStrangers
    admission = service.admission
    path = Array(method.path.utf8)
  }

  /// Negative if this route sorts before the path, zero if they are equal: by length, then by
  /// bytes.
  func order(to other: UnsafeBufferPointer<UInt8>) -> Int {
    guard path.count == other.count else { return path.count - other.count }
    return path.withUnsafeBufferPointer { $0.order(to: other) }
  }
}
