import HTTP2
import RPC

/// A unary call, whose caller waits for the complete response.
final class UnaryClientStream: ClientStream, @unchecked Sendable {
  typealias Caller = UnsafeContinuation<Result<Message, RPCStatus>, Never>

  private let request: Message
  private var response: Message?
  private var caller: Caller?

  init(
    _ picker: ConnectionPicker, _ method: Method, _ request: Message, _ options: CallOptions
  ) {
    self.request = request
    super.init(picker, method, options, picker.configuration.limits)
  }

  /// Makes the call. Cancelling the calling task cancels the call.
  func run() async -> Result<Message, RPCStatus> {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { (caller: Caller) in
        loop.run { [self] in
          self.caller = caller
          if let finalStatus { answer(finalStatus) } else { start() }
        }
      }
    } onCancel: {
      loop.eventLoop.execute { [self] in end(.taskCancelled) }
    }
  }

  override func opened() {
    do throws(RPCStatus) { try write(message: request, options.compression) } catch {
      return end(error)
    }
    finish()
  }

  override func received(_ message: Message) {
    if response == nil { response = message } else { end(.secondMessage) }
  }

  override func receivedBytes(_ count: Int) {
    // The response may be longer than the window; its caller waits for all of it.
    if !deframer.isBetweenMessages { consume(count) }
  }

  override func ended(_ status: RPCStatus) { answer(status) }

  private func answer(_ status: RPCStatus) {
    guard let caller = caller.take() else { return }
    if status.code != .ok {
      caller.resume(returning: .failure(status))
    } else if let response {
      caller.resume(returning: .success(response))
    } else {
      caller.resume(returning: .failure(.noMessage))
    }
  }
}
