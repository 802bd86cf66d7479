import NIOCore
import NIOPosix

/// One loop's share of the memory that the calls of a process may hold.
///
/// Takes from the process in steps, so that loops do not contend on a counter for each call.
package final class MemoryShare {
  /// How long memory is kept after a burst, for a next one.
  private static let trimPause = TimeAmount.seconds(2)

  private let capacity: ServerCapacity
  private let loop: any EventLoop
  private let step: Int
  private var used = 0
  private var reserved = 0
  private var isTrimDue = false

  init(of capacity: ServerCapacity, on loop: any EventLoop) {
    self.capacity = capacity
    self.loop = loop
    step = capacity.memoryBytesMax / 1024
  }

  func hasRoom(for count: Int) -> Bool {
    used + count <= reserved || capacity.hasRoom(for: used + count - reserved)
  }

  /// Counts held bytes. False if the process exceeds its limit; the bytes count until given back
  /// all the same.
  package func take(_ count: Int) -> Bool {
    used += count
    if used <= reserved { return true }
    let missing = used - reserved
    for wanted in [missing + step, missing] where capacity.take(wanted) {
      reserved += wanted
      return true
    }
    return false
  }

  package func giveBack(_ count: Int) {
    used -= count
    guard reserved - used > 2 * step else { return }
    let surplus = reserved - used - step
    reserved -= surplus
    if capacity.giveBack(surplus) { trimSoon() }
  }

  private func trimSoon() {
    guard !isTrimDue else { return }
    isTrimDue = true
    loop.assumeIsolated().scheduleTask(in: Self.trimPause) { [self] in
      isTrimDue = false
      NIOThreadPool.singleton.submit { _ in FreedMemory.giveBack() }
    }
  }
}
