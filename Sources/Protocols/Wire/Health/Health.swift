import CWire
import EventModel

extension GRPCHealthV1 {
  /// A check of one service, or of the whole server.
  public struct HealthCheckRequest: WireDecodable, WireEncodable, Equatable {
    /// Full name; empty: the whole server.
    public var service: String

    public init(service: String = "") { self.service = service }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Grpc__Health__V1__HealthCheckRequest.self, wireBytes) {
        message throws(WireError) in
        Self(service: text(message.pointee.service))
      }
    }

    public var wireBytes: Bytes {
      pack(Grpc__Health__V1__HealthCheckRequest.self) { builder, request in
        request.service = builder.string(service)
      }
    }
  }

  /// Readiness for calls. Raw values are the wire's.
  public enum ServingStatus: Int, Sendable, CaseIterable {
    case unknown = 0
    case serving = 1
    case notServing = 2
    /// In `Watch` only: the service does not exist.
    case serviceUnknown = 3
  }

  /// The status of a service.
  public struct HealthCheckResponse: WireDecodable, WireEncodable, Equatable {
    public var status: ServingStatus

    public init(_ status: ServingStatus) { self.status = status }

    /// An unknown status is `unknown`.
    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Grpc__Health__V1__HealthCheckResponse.self, wireBytes) {
        message throws(WireError) in
        Self(ServingStatus(rawValue: Int(message.pointee.status.rawValue)) ?? .unknown)
      }
    }

    public var wireBytes: Bytes {
      pack(Grpc__Health__V1__HealthCheckResponse.self) { _, response in
        response.status.rawValue = .init(status.rawValue)
      }
    }
  }
  /// A request for the status of every service.
  public struct HealthListRequest: WireDecodable, Equatable {
    public init(wireBytes: Bytes) throws(WireError) {
      try WireCheck.check(wireBytes, as: Grpc__Health__V1__HealthListRequest.self)
    }
  }

  /// The status of every service, by name.
  public struct HealthListResponse: WireEncodable, Equatable {
    public var statuses: [String: ServingStatus]

    public init(_ statuses: [String: ServingStatus]) { self.statuses = statuses }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      for (service, status) in statuses.sorted(by: { $0.key < $1.key }) {
        var entry = FieldWriter()
        entry.text(1, service)
        entry.field(2, HealthCheckResponse(status).wireBytes)
        writer.field(1, entry.bytes)
      }
      return writer.bytes
    }
  }
}
