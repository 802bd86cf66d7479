import CNGHTTP2

/// The memory of one session of nghttp2: what one stream gives back is kept for the next.
///
/// nghttp2 asks for eight small pieces a call, at once for as many calls as one read brings, and
/// that is more than glibc keeps at hand. Pieces come in a few sizes, each with a list of those
/// that are free.
final class SessionMemory {
  /// Ahead of each piece lies its room; as many bytes as a piece is aligned to.
  private static let headBytes = 16
  /// Rooms are multiples of this, and below so many multiples free pieces are kept.
  private static let step = 64
  private static let kinds = 8
  /// Of all free pieces together; the rest goes back to the system.
  private static let bytesKeptMax = 32 << 10

  /// By multiple: the piece that came back last, which begins with the address of the one before.
  private var free: [8 of UnsafeMutableRawPointer?] = .init(repeating: nil)
  private(set) var bytesKept = 0

  deinit {
    for kind in free.indices {
      while let piece = takeFree(kind) { (piece - Self.headBytes).deallocate() }
    }
  }

  /// For nghttp2 to call, as long as somebody holds this.
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
