import EventSourcing
import Files
import Glibc
import Logging
import MemoryStorage
import MongoStorage
import SQLiteStorage
import SidecarConfiguration

extension Configuration {
  /// Opens the store; the one place that knows every kind. Nothing is asked of a server yet.
  func openStorage(_ logger: Logger) throws(StorageError) -> any Storage {
    switch store {
    case .memory: return MemoryStorage()
    case .sqlite(let directory):
      return try SQLiteStorage(directory: directory, openFilesMax: limit.openDomains)
    case .mongodb(let uri):
      let storage = try MongoStorage(
        uri: uri, partitions: UInt32(partitions), openDomainsMax: limit.openDomains,
        signs: SignsOfLife(file: Self.signsPath),
        report: { message in
          logger.warning("the MongoDB driver warns", metadata: ["warning": "\(message)"])
        })
      for warning in storage.warnings { logger.warning("\(warning)") }
      return storage
    }
  }

  /// Where this user's processes on this machine show each other that they live.
  private static var signsPath: String {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(directory)/outrider-\(getuid()).lives"
  }
}
