import EventSourcing
import Threads

/// The threads that all domains of a storage share.
struct StorageThreads: Sendable {
  /// Appends and saves.
  let writing: ThreadPool
  /// Everything else but leases.
  let calls: CallThreads
  /// Leases have threads of their own: a renewal that waited behind long reads would come too late.
  let leases: CallThreads

  init(_ server: Server) throws(StorageError) {
    do throws(ThreadFailure) {
      writing = try ThreadPool(threads: Limits.writingThreads)
      calls = try CallThreads(server, count: Limits.callThreads)
      leases = try CallThreads(server, count: Limits.leaseThreads)
    } catch {
      throw StorageError(.unavailable, error.description)
    }
  }

  func close() async {
    await writing.close()
    await calls.close()
    await leases.close()
  }
}
