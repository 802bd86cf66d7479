import CSQLite
import Glibc

/// A lock between processes, on a separate file: `flock(2)`.
///
/// SQLite has locks too, but up to 3.51.2 a checkpoint in one process during a commit in another
/// can lose pages (sqlite.org/wal.html#walresetbug). This lock keeps them apart.
///
/// Only this user may open the file, or another could hold the lock and stop all appends. The
/// file is never deleted: a process might hold the lock on a deleted one.
final class FileLock {
  private static let pauseMax: useconds_t = 1000

  private let descriptor: Int32
  /// The file's name, without the directory.
  private let name: Substring

  init(_ path: String) throws(SQLiteFailure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    name = fileName(of: path)
    if descriptor < 0 { throw Self.failure("cannot open \(name)") }
  }

  deinit { close(descriptor) }

  /// Waits for the lock and holds it during `body`.
  func hold<Outcome>(
    waitingAtMost patience: Duration, _ body: () throws(SQLiteFailure) -> Outcome
  ) throws(SQLiteFailure) -> Outcome {
    try acquire(patience)
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  private func acquire(_ patience: Duration) throws(SQLiteFailure) {
    var deadline: ContinuousClock.Instant?
    var pause: useconds_t = 100
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw Self.failure("cannot lock \(name)")
      }
      let end = deadline ?? .now + patience
      deadline = end
      if ContinuousClock.now > end {
        throw SQLiteFailure(SQLITE_BUSY, "\(name) was not free for \(patience)")
      }
      usleep(pause)
      pause = min(pause * 2, Self.pauseMax)
    }
  }

  private static func failure(_ what: String) -> SQLiteFailure {
    SQLiteFailure(
      errno == EROFS || errno == EACCES ? SQLITE_READONLY : SQLITE_IOERR,
      "\(what): \(String(cString: strerror(errno)))")
  }
}
