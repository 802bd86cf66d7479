import CRabbitMQ
import EventSourcing
import Glibc
import Synchronization
import Threads

/// One connection to the broker, with its thread. Many sessions share it, each on its own AMQP
/// channel.
///
/// The first session opens the connection. When it fails, all its sessions fail, and the next
/// session opens a new one. Callers decide when to retry.
final class Link: Sendable {
  typealias Job = @Sendable (LinkThread) -> Void

  private struct State {
    var jobs: [Job] = []
    var isClosed = false
    var isRunning = false
  }

  private let address: RabbitMQAddress
  private let state = Mutex(State())
  private let wakeUp: WakeUp
  private let ended = Milestone()

  init(to address: RabbitMQAddress) throws(ChannelError) {
    self.address = address
    wakeUp = try WakeUp()
  }

  /// Runs a job on the thread. Returns false, without running it, if the link is closed.
  @discardableResult
  func perform(_ job: @escaping Job) -> Bool {
    let (isAccepted, mustStart) = state.withLock { state in
      if state.isClosed { return (false, false) }
      state.jobs.append(job)
      defer { state.isRunning = true }
      return (true, !state.isRunning)
    }
    if mustStart { start() } else { wakeUp.ring() }
    return isAccepted
  }

  /// Runs a call on the thread, and returns its result.
  func call<Outcome: Sendable>(
    _ body: @escaping @Sendable (LinkThread) throws(ChannelError) -> Outcome
  ) async throws(ChannelError) -> Outcome {
    let result: Result<Outcome, ChannelError> = await withCheckedContinuation { continuation in
      let isAccepted = perform { thread in
        continuation.resume(returning: Result { () throws(ChannelError) in try body(thread) })
      }
      if !isAccepted { continuation.resume(returning: .failure(.closed)) }
    }
    return try result.get()
  }

  private func start() {
    do {
      try startThread { [self] in
        LinkThread(to: address, wakeUp).run { takeJobs() }
        ended.reach()
      }
    } catch {
      // Fail the queued jobs, or their callers wait for ever.
      let thread = LinkThread(to: address, wakeUp, refusing: ChannelError(.unavailable, "\(error)"))
      while let jobs = takeJobs(), !jobs.isEmpty { for job in jobs { job(thread) } }
      state.withLock { $0.isRunning = false }
    }
  }

  /// Nil once the link is closed and no job is left.
  private func takeJobs() -> [Job]? {
    state.withLock { state in
      if state.jobs.isEmpty, state.isClosed { return nil }
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  /// Ends all sessions and the thread.
  func close() async {
    let isRunning = state.withLock { state in
      state.isClosed = true
      return state.isRunning
    }
    guard isRunning else { return }
    wakeUp.ring()
    await ended.wait()
  }
}

/// Wakes a thread that polls a socket.
final class WakeUp: Sendable {
  let descriptor: Int32
  private let writing: Int32

  init() throws(ChannelError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw ChannelError(
        .unavailable, "no descriptors for RabbitMQ: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, writing) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(writing)
  }

  /// A full pipe also wakes the thread.
  func ring() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  /// Clears the signal; call it before checking for work.
  func silence() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
    }
  }
}
