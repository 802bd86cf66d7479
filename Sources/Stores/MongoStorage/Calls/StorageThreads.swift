import EventSourcing
import Threads

/// The threads shared by all domains of a storage.
struct StorageThreads: Sendable {
  /// Appends and saves.
  let writing: ThreadPool
  /// All other calls except leases.
  let calls: CallThreads
  /// Leases have their own threads: a renewal behind long reads would come too late.
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
