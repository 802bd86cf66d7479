import Glibc
import Synchronization

private let received = Atomic(false)

/// SIGTERM, which asks a writer to finish what it has begun.
enum StopSignal {
  static var hasCome: Bool { received.load(ordering: .relaxed) }

  static func listen() {
    _ = hasCome  // made before a signal handler needs it
    signal(SIGTERM) { _ in received.store(true, ordering: .relaxed) }
  }
}
