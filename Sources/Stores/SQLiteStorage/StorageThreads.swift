import EventSourcing
import Threads

/// The threads shared by all domains of a storage.
struct StorageThreads: Sendable {
  let writing: ThreadPool
  let reading: ThreadPool

  init() throws(StorageError) {
    do throws(ThreadFailure) {
      writing = try ThreadPool(threads: Limits.writingThreads)
      reading = try ThreadPool(threads: Limits.readingThreads)
    } catch {
      throw StorageError(.unavailable, error.description)
    }
  }

  func close() async {
    await reading.close()
    await writing.close()
  }
}
