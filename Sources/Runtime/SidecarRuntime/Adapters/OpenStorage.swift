import EventSourcing
import Files
import Glibc
import Logging
import MemoryStorage
import MongoStorage
import SQLiteStorage
import SidecarConfiguration

extension Configuration {
  /// Opens the store. The one place that knows every kind. Contacts no server yet.
  ///
  /// - Parameter version: of the executable.
  func openStorage(
    version: String, _ logger: Logger
  ) throws(StorageError) -> any Storage {
    switch store {
    case .memory: return MemoryStorage()
    case .sqlite(let directory):
      return try SQLiteStorage(
        directory: directory, openFilesMax: limit.openDomains, version: version)
    case .mongodb(let uri):
      let storage = try MongoStorage(
        uri: uri, partitions: UInt32(partitions), openDomainsMax: limit.openDomains,
        signs: SignsOfLife(file: Self.signsPath), version: version,
        report: { message in
          logger.warning("the MongoDB driver warns", metadata: ["warning": "\(message)"])
        })
      for warning in storage.warnings { logger.warning("\(warning)") }
      return storage
    }
  }

  /// The file of signs of life that this user's processes on this machine share.
  private static var signsPath: String {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return "\(directory)/outrider-\(getuid()).lives"
  }
}

extension SidecarError {
  /// The store cannot be used. A wait helps only where it is unavailable.
  init(_ failure: String, _ error: StorageError) {
    let kind: Kind =
      switch error.code {
      case .corrupt: .badFile
      case .incompatible: .configuration
      case .unavailable, .fenced, .tooLarge: .unavailable
      }
    self.init("\(failure): \(error)", kind)
  }
}
