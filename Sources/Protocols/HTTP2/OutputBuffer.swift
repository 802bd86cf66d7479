/// A reusable, growing buffer between a session and its socket.
///
/// One serves all sessions of a thread, since each empties it before the next one writes.
public final class OutputBuffer {
  private typealias Memory = (base: UnsafeMutableRawPointer, capacity: Int)

  private var own: Memory
  /// The target of writes: own memory, unless lent memory is being filled.
  private var memory: Memory
  /// Bytes written to lent memory before it was full.
  private var overflowed: Int?
  public private(set) var count = 0

  public init(capacity: Int = 4 << 10) {
    own = (.allocate(byteCount: capacity, alignment: 16), capacity)
    memory = own
  }

  deinit { own.base.deallocate() }

  /// Directs writes into lent memory while the closure runs. Bytes that do not fit are kept for
  /// `take`. Returns how many bytes were written to the lent memory.
  public func fill(_ lent: UnsafeMutableRawBufferPointer, _ body: () -> Void) -> Int {
    precondition(count == 0, "what came before would come behind")
    guard let base = lent.baseAddress else {
      body()
      return 0
    }
    memory = (base, lent.count)
    overflowed = nil
    body()
    memory = own
    if let overflowed { return overflowed }
    defer { count = 0 }
    return count
  }

  /// Passes all bytes, then empties the buffer. The bytes are valid within the closure.
  public func take(_ body: (UnsafeRawBufferPointer) -> Void) {
    let bytes = UnsafeRawBufferPointer(start: own.base, count: count)
    count = 0
    body(bytes)
  }

  @inline(__always)
  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    if count + bytes.count > memory.capacity { makeRoom(for: bytes.count) }
    (memory.base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  private func makeRoom(for more: Int) {
    if memory.base != own.base {
      overflowed = count
      count = 0
      memory = own
    }
    while count + more > own.capacity { own.capacity *= 2 }
    if own.capacity == memory.capacity { return }
    own.base = .allocate(byteCount: own.capacity, alignment: 16)
    own.base.copyMemory(from: memory.base, byteCount: count)
    memory.base.deallocate()
    memory = own
  }
}
