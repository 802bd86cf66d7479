/// A client's error. It is sent in an ERROR frame, and the connection ends (STOMP 1.2, *ERROR*).
public struct STOMPError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was wrong, where, and the remedy.
  public let message: String
  /// The receipt that the frame requested, if readable.
  public let receipt: String?

  public init(_ message: String, receipt: String? = nil) {
    self.message = message
    self.receipt = receipt
  }

  public var description: String { message }

  /// The ERROR frame.
  public var frame: Frame {
    Frame(
      "ERROR",
      [.init("message", message)] + (receipt.map { [.init("receipt-id", $0)] } ?? []))
  }
}
