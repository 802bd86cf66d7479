/// What a client did wrong. It gets the message in an ERROR frame, and the connection ends (STOMP
/// 1.2, *ERROR*).
public struct STOMPError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public let message: String
  /// The receipt that the frame asked for, where it could be read.
  public let receipt: String?

  public init(_ message: String, receipt: String? = nil) {
    self.message = message
    self.receipt = receipt
  }

  public var description: String { message }

  /// What the client is told.
  public var frame: Frame {
    Frame(
      "ERROR",
      [.init("message", message)] + (receipt.map { [.init("receipt-id", $0)] } ?? []))
  }
}
