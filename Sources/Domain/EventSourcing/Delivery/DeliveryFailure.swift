import StatusCodes

/// The reason why a delivery failed, which decides whether to retry.
public struct DeliveryFailure: Error, Equatable, Sendable {
  /// Whether the same delivery may succeed later, after any number of failures: the consumer or
  /// the store is unavailable. Every other failure counts as a try.
  public var isTemporary: Bool
  /// Shown to people who inspect parked aggregates.
  public var statusCode: StatusCode
  public var message: String
  var isDataLoss: Bool { statusCode == .dataLoss }

  public init(_ error: any Error) {
    let status = ErrorStatus(error)
    isTemporary = Self.isTemporary(error)
    statusCode = status.code
    message = status.message
  }

  private static func isTemporary(_ error: any Error) -> Bool {
    switch error {
    case LogicError.unavailable: true
    case let error as StorageError: error.code == .unavailable
    case let error as EventSourcingError: error.code != .dataLoss
    case is CancellationError: true
    default: false
    }
  }
}
