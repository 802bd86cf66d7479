import EventModel
import Glibc
import Synchronization

/// Which holders of leases are still there: each locks a byte of one file (fcntl(2), open file
/// description locks), and the kernel takes the lock from a process that ends. So the lease of one
/// that was killed is free at once, where its time alone would keep it for seconds. A process that
/// only stands still keeps its lock.
///
/// This speeds things up, and no promise rests on it: what a holder writes is fenced by the lease's
/// token. Where the file cannot be opened, leases have their time.
final class LeaseHolders: Sendable {
  private struct State {
    var descriptor: Int32?
    /// This storage's own: a lock does not show to the one who holds it.
    var own: Set<Name> = []
  }

  /// Linux's `F_OFD_GETLK` and `F_OFD_SETLK`, which fcntl.h keeps for GNU sources.
  private static let (getLock, setLock): (Int32, Int32) = (36, 37)

  private let path: String
  private let state = Mutex(State())

  init(file path: String) { self.path = path }

  deinit { close() }

  /// Shows from now on, until `close` or the end of the process, that the holder is there.
  func keep(_ holder: Name) {
    state.withLock { state in
      guard state.own.insert(holder).inserted else { return }
      _ = control(Self.setLock, lock(of: holder), &state)
    }
  }

  /// Whether the holder has ended. Where that cannot be told, it has not.
  func hasEnded(_ holder: Name) -> Bool {
    state.withLock { state in
      if state.own.contains(holder) { return false }
      return control(Self.getLock, lock(of: holder), &state)?.l_type == Int16(F_UNLCK)
    }
  }

  func close() {
    state.withLock { state in
      if let descriptor = state.descriptor { _ = Glibc.close(descriptor) }
      state = State()
    }
  }

  /// The lock as the kernel gives it back; nil where it refuses.
  private func control(_ command: Int32, _ lock: flock, _ state: inout State) -> flock? {
    let descriptor = state.descriptor ?? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    state.descriptor = descriptor
    var lock = lock
    return fcntl(descriptor, command, &lock) == 0 ? lock : nil
  }

  /// A holder's byte is where its name says. Two that share one pass for each other.
  private func lock(of holder: Name) -> flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = off_t(holder.stableHash >> 2)
    lock.l_len = 1
    return lock
  }
}
