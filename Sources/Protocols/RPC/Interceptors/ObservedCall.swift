import Synchronization

/// Reports a call's end to observers, once.
final class CallEnd: Sendable {
  private let observers: Mutex<[@Sendable (RPCStatus) -> Void]>

  init(_ observers: [@Sendable (RPCStatus) -> Void]) {
    self.observers = Mutex(observers)
  }

  func happen(_ status: RPCStatus) {
    let observers = observers.withLock { observers in
      defer { observers = [] }
      return observers
    }
    for observer in observers.reversed() { observer(status) }
  }
}

/// A streaming call whose end is reported once its caller learns of it.
final class ObservedCall: ClientCallTransport {
  private let call: ClientCall
  private let end: CallEnd

  init(_ call: ClientCall, _ end: CallEnd) {
    self.call = call
    self.end = end
  }

  func send(_ message: Message) async throws(RPCStatus) { try await call.send(message) }
  func finishSending() { call.finishSending() }

  func initialMetadata() async throws(RPCStatus) -> Metadata { try await call.initialMetadata }

  func nextMessage() async throws(RPCStatus) -> Message? {
    do throws(RPCStatus) {
      let message = try await call.nextMessage()
      if message == nil { end.happen(.ok) }
      return message
    } catch {
      end.happen(error)
      throw error
    }
  }

  func status() async -> RPCStatus {
    let status = await call.status
    end.happen(status)
    return status
  }

  /// The caller also calls this when it drops the call.
  func cancel() {
    call.cancel()
    end.happen(RPCStatus(.cancelled, "the caller gave the call up"))
  }
}
