import EventModel
import EventSourcing
import Threads

/// A domain's open file: its writer, its readers and their work queues.
final class DomainFile: Sendable {
  let writer: Writer
  let writes: WorkQueue<Job<WriteGroup>>
  let reads: WorkQueue<Job<Connection>>
  let readers: Readers
  private let threads: StorageThreads

  /// Called on a thread that may block.
  init(
    _ domain: SQLiteDomain, _ access: Connection.Access, _ threads: StorageThreads
  ) throws(StorageError) {
    let writer: Writer
    do throws(SQLiteFailure) {
      writer = try Writer(
        domain: domain.domain, path: domain.path, access, version: domain.version,
        signal: domain.signal)
    } catch {
      throw error.storageError(domain.path)
    }
    let readers = Readers(path: domain.path)
    self.writer = writer
    self.readers = readers
    self.threads = threads
    writes = WorkQueue(
      on: threads.writing, limit: Limits.writesWaiting, group: Limits.group,
      backgroundGroup: Limits.backgroundGroup
    ) {
      writer.copyLog(longerThan: Limits.pagesInLog.idle)
    } perform: {
      writer.write($0)
      return []
    }
    reads = WorkQueue(
      on: threads.reading, limit: Limits.readsWaiting, group: (count: 1, bytes: .max),
      width: Limits.readers
    ) { jobs in
      for job in jobs { readers.perform(job) }
      return []
    }
  }

  /// Refuses new calls, completes the waiting ones, and closes the file.
  func close() async {
    await reads.close()
    readers.close()
    await writes.close()
    // Close the readers first: the last connection to close copies the write-ahead log to the
    // file.
    await threads.writing.call { [writer] in writer.close() }
  }
}
