#if canImport(Glibc)
  import Glibc
  import Synchronization

  /// Detects ended processes: each locks a byte of a shared file (fcntl(2), open file description
  /// locks). The kernel releases the lock when the process ends. A stopped process keeps its lock.
  ///
  /// An optimisation only: no promise should rest on it. If the file cannot be opened, no process
  /// shows a sign, and none counts as ended.
  public final class SignsOfLife: Sendable {
    private struct State {
      var descriptor: Int32?
      /// This object's own numbers: its file description does not see its own locks.
      var own: Set<UInt64> = []
    }

    /// Linux's `F_OFD_GETLK` and `F_OFD_SETLK`, which fcntl.h keeps for GNU sources.
    private static let (getLock, setLock): (Int32, Int32) = (36, 37)

    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: the file's path. The first sign creates the file.
    public init(file path: String) { self.path = path }

    deinit { close() }

    /// Shows a sign for the number until `close` or the end of the process. Numbers are random;
    /// two that share a byte are not told apart. Returns false if the sign cannot be given.
    @discardableResult
    public func show(_ number: UInt64) -> Bool {
      state.withLock { state in
        if state.own.contains(number) { return true }
        guard control(Self.setLock, lock(of: number), &state) != nil else { return false }
        state.own.insert(number)
        return true
      }
    }

    /// True if the process that showed this number has ended; false if that is unknown.
    public func hasEnded(_ number: UInt64) -> Bool {
      state.withLock { state in
        if state.own.contains(number) { return false }
        return control(Self.getLock, lock(of: number), &state)?.l_type == Int16(F_UNLCK)
      }
    }

    /// A name for the open file that is unique across machines: kernel boot, device and inode.
    /// Processes with equal names see the same locks. A copy of the file, or the same path in
    /// another container, has another name. Nil if the file cannot be opened.
    public var place: String? {
      state.withLock { state in
        guard let descriptor = open(&state), let kernel = Self.kernel else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return "\(kernel)/\(status.st_dev)/\(status.st_ino)"
      }
    }

    /// random(4): new with each start of the kernel.
    private static let kernel = try? String(
      decoding: readSmallFile("/proc/sys/kernel/random/boot_id").prefix(36), as: UTF8.self)

    public func close() {
      state.withLock { state in
        if let descriptor = state.descriptor { _ = Glibc.close(descriptor) }
        state = State()
      }
    }

    private func open(_ state: inout State) -> Int32? {
      if let descriptor = state.descriptor { return descriptor }
      let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { return nil }
      state.descriptor = descriptor
      return descriptor
    }

    /// The lock as the kernel returns it; nil if the call fails.
    private func control(_ command: Int32, _ lock: flock, _ state: inout State) -> flock? {
      guard let descriptor = open(&state) else { return nil }
      var lock = lock
      return fcntl(descriptor, command, &lock) == 0 ? lock : nil
    }

    private func lock(of number: UInt64) -> flock {
      var lock = flock()
      lock.l_type = Int16(F_WRLCK)
      lock.l_whence = Int16(SEEK_SET)
      lock.l_start = off_t(number >> 2)
      lock.l_len = 1
      return lock
    }
  }
#endif
