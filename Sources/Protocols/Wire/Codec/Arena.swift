import CWire

/// Memory for one message's lifetime: allocated piecewise, freed at once.
///
/// protobuf-c allocates each string and each nested message separately; an arena turns that into
/// adding to a pointer, and freeing into one call. Its memory is a list of chunks, each twice as
/// large as the one before; the first begins with the list's state.
struct Arena: ~Copyable {
  /// The state that the allocator's C callback sees.
  private struct State {
    var free: UnsafeMutableRawPointer
    var end: UnsafeMutableRawPointer
    /// Newest first.
    var chunks: UnsafeMutablePointer<Chunk>?
    var nextChunkByteCount: Int
    /// Bytes that may still be allocated.
    var remaining: Int
    var limitWasReached = false
  }

  private struct Chunk {
    var previous: UnsafeMutablePointer<Chunk>?
  }

  private static let alignment = 16
  private static let headerByteCount = roundUp(MemoryLayout<State>.size)

  private let state: UnsafeMutablePointer<State>

  /// An arena for about `byteCount` bytes, which refuses to exceed `limit`.
  init(expecting byteCount: Int, limit: Int = FieldLimits.unpackedByteCount) {
    let capacity = Self.roundUp(max(byteCount, 256))
    let first = UnsafeMutableRawPointer.allocate(
      byteCount: Self.headerByteCount + capacity, alignment: Self.alignment)
    state = first.bindMemory(to: State.self, capacity: 1)
    state.initialize(
      to: State(
        free: first + Self.headerByteCount, end: first + Self.headerByteCount + capacity,
        chunks: nil, nextChunkByteCount: capacity * 2, remaining: limit))
  }

  deinit {
    var chunk = state.pointee.chunks
    while let current = chunk {
      chunk = current.pointee.previous
      UnsafeMutableRawPointer(current).deallocate()
    }
    UnsafeMutableRawPointer(state).deallocate()
  }

  /// True if an allocation was refused because of the limit.
  var limitWasReached: Bool { state.pointee.limitWasReached }

  /// The arena as protobuf-c's allocator, valid as long as the arena. Frees nothing.
  var allocator: ProtobufCAllocator {
    ProtobufCAllocator(
      alloc: { data, size in
        Arena.allocate(size, from: data!.assumingMemoryBound(to: State.self))  // set below
      },
      free: { _, _ in },
      allocator_data: state)
  }

  /// Uninitialised memory of this size, 16-byte aligned; nil beyond the limit.
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    Self.allocate(byteCount, from: state)
  }

  private static func allocate(
    _ size: Int, from state: UnsafeMutablePointer<State>
  ) -> UnsafeMutableRawPointer? {
    // protobuf-c checks its own products for overflow; a size near Int.max exceeds any limit.
    guard size >= 0, size <= state.pointee.remaining else {
      state.pointee.limitWasReached = true
      return nil
    }
    let byteCount = roundUp(size)
    state.pointee.remaining -= min(byteCount, state.pointee.remaining)
    if byteCount > state.pointee.end - state.pointee.free {
      addChunk(atLeast: byteCount, to: state)
    }
    let place = state.pointee.free
    state.pointee.free = place + byteCount
    return place
  }

  private static func addChunk(atLeast byteCount: Int, to state: UnsafeMutablePointer<State>) {
    let capacity = max(byteCount, state.pointee.nextChunkByteCount)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: alignment + capacity, alignment: alignment)
    let chunk = memory.bindMemory(to: Chunk.self, capacity: 1)
    chunk.initialize(to: Chunk(previous: state.pointee.chunks))
    state.pointee.chunks = chunk
    state.pointee.free = memory + alignment
    state.pointee.end = memory + alignment + capacity
    state.pointee.nextChunkByteCount = min(capacity * 2, 1 << 20)
  }

  private static func roundUp(_ size: Int) -> Int { (size + alignment - 1) & ~(alignment - 1) }
}
