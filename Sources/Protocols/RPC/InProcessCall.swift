import Synchronization

/// One call within the process: the state shared by both its sides.
///
/// It ends once, by the first of: the handler's end, the caller's cancellation, the deadline. All
/// waits on the call end with it.
final class InProcessCall: Sendable {
  let requests: MessagePipe
  let responses: MessagePipe

  private struct State {
    var initialMetadata = Metadata()
    var trailingMetadata = Metadata()
    var hasBegunToRespond = false
    var status: RPCStatus?
    var tasks: [Task<Void, Never>] = []
    var whoWaitsForHeaders: [UnsafeContinuation<Result<Metadata, RPCStatus>, Never>] = []
    var whoWaitsForStatus: [UnsafeContinuation<RPCStatus, Never>] = []
  }

  private let state = Mutex(State())

  init(limits: RPCLimits) {
    requests = MessagePipe(countMax: limits.inProcessMessagesMax)
    responses = MessagePipe(countMax: limits.inProcessMessagesMax)
  }

  /// Cancels the task when the call ends.
  func own(_ task: Task<Void, Never>) {
    let isOver = state.withLock { state in
      if state.status == nil { state.tasks.append(task) }
      return state.status != nil
    }
    if isOver { task.cancel() }
  }

  func setInitialMetadata(_ metadata: Metadata) {
    state.withLock { if !$0.hasBegunToRespond { $0.initialMetadata = metadata } }
  }

  func setTrailingMetadata(_ metadata: Metadata) {
    state.withLock { if $0.status == nil { $0.trailingMetadata = metadata } }
  }

  /// Sends the initial metadata before the first response.
  func beginToRespond() {
    let (waiting, metadata) = state.withLock { state in
      state.hasBegunToRespond = true
      defer { state.whoWaitsForHeaders = [] }
      return (state.whoWaitsForHeaders, state.initialMetadata)
    }
    for waiter in waiting { waiter.resume(returning: .success(metadata)) }
  }

  /// Ends the call. No effect if it has ended.
  func finish(_ end: RPCStatus) {
    let ended = state.withLock { state -> (State, RPCStatus)? in
      guard state.status == nil else { return nil }
      var status = end
      status.metadata.append(contentsOf: state.trailingMetadata)
      state.status = status
      defer {
        state.tasks = []
        state.whoWaitsForHeaders = []
        state.whoWaitsForStatus = []
      }
      return (state, status)
    }
    guard let (before, status) = ended else { return }
    for task in before.tasks { task.cancel() }
    if status.code == .ok { responses.finish(.success(nil)) }
    responses.fail(status, keepingMessages: true)
    requests.fail(status, keepingMessages: false)
    let headers: Result<Metadata, RPCStatus> =
      status.code == .ok ? .success(before.initialMetadata) : .failure(status)
    for waiter in before.whoWaitsForHeaders { waiter.resume(returning: headers) }
    for waiter in before.whoWaitsForStatus { waiter.resume(returning: status) }
  }

  func initialMetadata() async -> Result<Metadata, RPCStatus> {
    await withUnsafeContinuation { waiting in
      let known = state.withLock { state -> Result<Metadata, RPCStatus>? in
        if state.hasBegunToRespond || state.status == .ok { return .success(state.initialMetadata) }
        if let status = state.status { return .failure(status) }
        state.whoWaitsForHeaders.append(waiting)
        return nil
      }
      if let known { waiting.resume(returning: known) }
    }
  }

  func status() async -> RPCStatus {
    await withUnsafeContinuation { waiting in
      let known = state.withLock { state in
        if state.status == nil { state.whoWaitsForStatus.append(waiting) }
        return state.status
      }
      if let known { waiting.resume(returning: known) }
    }
  }
}
