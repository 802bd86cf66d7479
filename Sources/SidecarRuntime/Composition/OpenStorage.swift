import EventSourcing
import MemoryStorage
import SQLiteStorage

extension StoreLocation {
  /// Opens the store; the one place that knows every kind.
  func open() throws(StorageError) -> any Storage {
    switch self {
    case .memory: MemoryStorage()
    case .sqlite(let directory): try SQLiteStorage(directory: directory)
    }
  }
}
