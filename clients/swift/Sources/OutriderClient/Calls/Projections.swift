internal import EventModel
public import FoundationEssentials
internal import Wire

/// Reads what a projector has made of one domain's aggregates.
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
  /// - Parameter position: that of a command's answer, whose events the projection then includes;
  ///   nil: as it stands.
  ///
  /// Throws as the methods of `Aggregates` do, and where the projector has made another type.
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
