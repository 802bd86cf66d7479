import CSpawn
import Glibc

/// An open file descriptor, closed with its last reference. Children do not inherit it.
final class Descriptor: Sendable {
  let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { _ = close(number) }

  /// The two ends of a pipe.
  static func pipe() throws(SpawnError) -> (read: Descriptor, write: Descriptor) {
    var numbers: [Int32] = [0, 0]
    guard pipe2(&numbers, O_CLOEXEC) == 0 else { throw SpawnError(program: "pipe", code: errno) }
    return (Descriptor(owning: numbers[0]), Descriptor(owning: numbers[1]))
  }

  /// Reads available bytes, blocking for the first; nil at the end.
  func read() -> [UInt8]? {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, initialized in
      repeat {
        count = Glibc.read(number, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      initialized = max(count, 0)
    }
    return count > 0 ? bytes : nil
  }
}
