import CNGHTTP2

/// An allocator for one nghttp2 session: memory freed by one stream is kept for the next.
///
/// nghttp2 allocates eight small pieces a call, for all calls of one read at once, which exceeds
/// glibc's caches. Pieces come in a few sizes, each with a free list.
final class SessionMemory {
  /// The header before each piece, which stores its size; as long as a piece's alignment.
  private static let headBytes = 16
  /// Sizes are multiples of `step`; free pieces below `kinds` multiples are kept.
  private static let step = 64
  private static let kinds = 8
  /// The most free bytes kept; the rest returns to the system.
  private static let bytesKeptMax = 32 << 10

  /// By multiple: the last freed piece, which begins with the address of the one before.
  private var free: [8 of UnsafeMutableRawPointer?] = .init(repeating: nil)
  private(set) var bytesKept = 0

  deinit {
    for kind in free.indices {
      while let piece = takeFree(kind) { (piece - Self.headBytes).deallocate() }
    }
  }

  /// Functions for nghttp2, valid while this object lives.
  var functions: nghttp2_mem {
    nghttp2_mem(
      mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
      malloc: { size, user in lend(user) { (memory: SessionMemory) in memory.allocate(size) } },
      free: { piece, user in lend(user) { (memory: SessionMemory) in memory.giveBack(piece) } },
      calloc: { count, size, user in
        lend(user) { (memory: SessionMemory) in memory.allocateZeroed(count * size) }
      },
      realloc: { piece, size, user in
        lend(user) { (memory: SessionMemory) in memory.resize(piece, size) }
      })
  }

  func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    let kind = max(1, (size + Self.step - 1) / Self.step)
    if kind < Self.kinds, let piece = takeFree(kind) { return piece }
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: Self.headBytes + kind * Self.step, alignment: Self.headBytes)
    start.storeBytes(of: kind * Self.step, as: Int.self)
    return start + Self.headBytes
  }

  func allocateZeroed(_ size: Int) -> UnsafeMutableRawPointer {
    let piece = allocate(size)
    piece.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return piece
  }

  func giveBack(_ piece: UnsafeMutableRawPointer?) {
    guard let piece else { return }
    let room = room(of: piece)
    let kind = room / Self.step
    if kind < Self.kinds, bytesKept + room <= Self.bytesKeptMax {
      piece.storeBytes(of: free[kind], as: UnsafeMutableRawPointer?.self)
      free[kind] = piece
      bytesKept += room
    } else {
      (piece - Self.headBytes).deallocate()
    }
  }

  func resize(_ piece: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer {
    guard let piece else { return allocate(size) }
    let room = room(of: piece)
    if size <= room { return piece }
    let larger = allocate(size)
    larger.copyMemory(from: piece, byteCount: room)
    giveBack(piece)
    return larger
  }

  private func takeFree(_ kind: Int) -> UnsafeMutableRawPointer? {
    guard let piece = free[kind] else { return nil }
    free[kind] = piece.load(as: UnsafeMutableRawPointer?.self)
    bytesKept -= kind * Self.step
    return piece
  }

  private func room(of piece: UnsafeMutableRawPointer) -> Int {
    (piece - Self.headBytes).load(as: Int.self)
  }
}
