/// Bytes on their way from a session to its socket: flat, growing, used again and again.
///
/// One serves all the sessions of a thread, since each empties it before the next one writes.
public final class OutputBuffer {
  private typealias Memory = (base: UnsafeMutableRawPointer, capacity: Int)

  private var own: Memory
  /// Where bytes go: to its own memory, unless other memory is being filled.
  private var memory: Memory
  /// How many bytes went to other memory, which has no room for more.
  private var overflowed: Int?
  public private(set) var count = 0

  public init(capacity: Int = 4 << 10) {
    own = (.allocate(byteCount: capacity, alignment: 16), capacity)
    memory = own
  }

  deinit { own.base.deallocate() }

  /// Has bytes go to this memory, for as long as they fit, while the closure runs; those that no
  /// longer fit are here afterwards, for `take`. Returns how many went there.
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

  /// Hands out everything, and is empty afterwards. The bytes end with the closure.
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
