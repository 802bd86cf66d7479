/// Bytes on their way from a session to its socket: flat, growing, used again and again.
///
/// One serves all the sessions of a thread, since each empties it before the next one writes.
public final class OutputBuffer {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  public private(set) var count = 0

  public init(capacity: Int = 128 << 10) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Hands out everything, and is empty afterwards. The bytes end with the closure.
  public func take(_ body: (UnsafeRawBufferPointer) -> Void) {
    let bytes = UnsafeRawBufferPointer(start: base, count: count)
    count = 0
    body(bytes)
  }

  @inline(__always)
  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    if count + bytes.count > capacity { grow(for: bytes.count) }
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  private func grow(for more: Int) {
    while count + more > capacity { capacity *= 2 }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
  }
}
