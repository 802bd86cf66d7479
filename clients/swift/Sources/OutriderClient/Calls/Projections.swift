internal import EventModel
public import FoundationEssentials
internal import Wire

/// Reads one projector's projections of one domain.
public struct Projections<Value: Payload>: Sendable {
  public let projector: String
  public let domain: String
  private let connection: Connection

  /// - Parameter projector: the projector's name, as configured.
  public init(
    _ type: Value.Type = Value.self, by projector: String, of domain: String,
    at connection: Connection
  ) {
    self.projector = projector
    self.domain = domain
    self.connection = connection
  }

  /// An aggregate's projection; nil if there is none.
  ///
  /// - Parameter position: the position of a command's answer, whose events the projection must
  ///   include; nil: any.
  ///
  /// Throws as the methods of `Aggregates` do, and if the projection has another type.
  public func find(
    _ root: UUID, atLeast position: Position? = nil, timeout: Duration = defaultTimeout
  ) async throws -> Value? {
    let request = OutriderV1.GetProjectionRequest(
      projector: Name(projector), cover: Cover(domain: domain, root: root),
      atLeast: position?.wire)
    do {
      let record = try await connection.projection(request, timeout: timeout)
      return try Value(stored: record.projection.value)
    } catch let refusal as Refused where refusal.code == .notFound {
      return nil
    }
  }
}
