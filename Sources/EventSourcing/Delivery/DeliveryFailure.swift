/// Why events could not be handled, and what is to be done about it.
public struct DeliveryFailure: Error, Equatable, Sendable {
  /// Whether the same delivery may succeed later, however often it failed: the consumer or the
  /// store is away. Everything else counts as a try.
  public var isTemporary: Bool
  /// A gRPC status code, for people who look at parked aggregates.
  public var statusCode: Int
  public var message: String

  /// An error that says its own gRPC status, such as the one that a consumer's logic answered.
  public protocol StatusError: Error {
    var statusCode: Int { get }
    var statusMessage: String { get }
  }

  public init(_ error: any Error) {
    let unknown = 2
    let deadlineExceeded = 4
    let `internal` = 13
    let unavailable = 14
    let dataLoss = 15
    switch error {
    case LogicError.refused(let refusal as any StatusError):
      self.init(false, refusal.statusCode, refusal.statusMessage)
    case LogicError.refused(let refusal): self.init(false, unknown, String(describing: refusal))
    case LogicError.unavailable(let message): self.init(true, unavailable, message)
    case LogicError.timedOut:
      self.init(false, deadlineExceeded, "the logic did not answer in time")
    case LogicError.malformed(let message): self.init(false, `internal`, message)
    case let error as StorageError where error.code == .corrupt:
      self.init(false, dataLoss, error.message)
    case let error as StorageError:
      self.init(error.code == .unavailable, unavailable, error.message)
    case let error as EventSourcingError: self.init(true, unavailable, error.message)
    case is CancellationError: self.init(true, unavailable, "the delivery was cancelled")
    default: self.init(false, unknown, String(describing: error))
    }
  }

  private init(_ isTemporary: Bool, _ statusCode: Int, _ message: String) {
    self.isTemporary = isTemporary
    self.statusCode = statusCode
    self.message = message
  }
}
