import STOMP
import Timing

/// The output of one connection: frames, and heart-beats while there are none.
actor Outbox {
  private let write: @Sendable ([UInt8]) async throws -> Void
  private let environment: Environment
  private let pauseAfterHeartbeat: Duration
  private var isClosed = false
  private var lastWriteAt: ContinuousClock.Instant
  private var lastHeartbeatAt: ContinuousClock.Instant?
  private var underWay = 0

  /// - Parameter write: writes bytes to the socket, and waits while the client reads too slowly.
  init(
    pauseAfterHeartbeat: Duration, environment: Environment,
    write: @escaping @Sendable ([UInt8]) async throws -> Void
  ) {
    self.write = write
    self.environment = environment
    self.pauseAfterHeartbeat = pauseAfterHeartbeat
    lastWriteAt = environment.instant()
  }

  /// Sends a frame; nothing once the connection is closed. Frames of one task keep their order.
  func send(_ frame: Frame) async {
    while let beat = lastHeartbeatAt, !isClosed {
      let left = beat + pauseAfterHeartbeat - environment.instant()
      if left <= .zero { break }
      do { try await environment.sleep(left) } catch { break }
    }
    await put(frame.bytes)
  }

  /// Sends a heart-beat after each silence of this length, until cancelled.
  func beat(every silenceMax: Duration) async {
    while !Task.isCancelled, !isClosed {
      let silent = environment.instant() - lastWriteAt
      if silent >= silenceMax, underWay == 0 {
        lastHeartbeatAt = environment.instant()
        await put(Frame.heartbeat)
      }
      let rest = lastWriteAt + silenceMax - environment.instant()
      do { try await environment.sleep(max(rest, .milliseconds(100))) } catch { return }
    }
  }

  /// Returns once a write has made no progress for this long.
  func waitUntilStalled(for patience: Duration) async {
    while !Task.isCancelled {
      let idle = environment.instant() - lastWriteAt
      if underWay > 0, idle >= patience { return }
      do { try await environment.sleep(patience / 4) } catch { return }
    }
  }

  /// Stops all output.
  func close() { isClosed = true }

  private func put(_ bytes: [UInt8]) async {
    guard !isClosed else { return }
    if underWay == 0 { lastWriteAt = environment.instant() }
    underWay += 1
    defer { underWay -= 1 }
    do { try await write(bytes) } catch { isClosed = true }
    lastWriteAt = environment.instant()
  }
}
