import RPC

/// The task of the call's handler.
extension ServerStream {
  /// Calls a handler that takes one message.
  func serve(_ request: Message, _ handler: Handler) {
    takenBytes = request.count
    isHandlerRunning = true
    recount()
    guard isResponding else { return handlerEnded() }
    switch handler {
    case .unary(let handle):
      keep(Task.immediate(executorPreference: loop) { [self] in await answer(handle, request) })
    case .serverStreaming(let handle):
      run { try await handle(request, ResponseStream(self), ServerContext(self)) }
    case .clientStreaming, .bidirectional:
      preconditionFailure("\(method) takes more than one message")
    }
  }

  func answer(
    _ handle: @Sendable (Message, ServerContext) async throws -> Message, _ request: Message
  ) async {
    do {
      let response = try await handle(request, ServerContext(self))
      handlerEnded()
      guard isResponding else { return }
      try checkRoom(for: response)
      beginResponse()
      try write(message: response, compression)
      end(.ok)
    } catch {
      handlerEnded()
      end(RPCStatus(thrownByHandler: error))
    }
  }

  func run(_ handle: @escaping @Sendable () async throws -> Void) {
    isHandlerRunning = true
    keep(
      Task.immediate(executorPreference: loop) { [self] in
        do {
          try await handle()
          handlerEnded()
          end(.ok)
        } catch {
          handlerEnded()
          end(RPCStatus(thrownByHandler: error))
        }
      })
  }

  /// The task ran on this thread until its first suspension, and runs on this loop afterwards.
  private func keep(_ task: Task<Void, Never>) {
    if isHandlerRunning { self.task = task }
  }

  func handlerEnded() {
    loop.eventLoop.assertInEventLoop()
    isHandlerRunning = false
    task = nil
    recount()
  }
}
