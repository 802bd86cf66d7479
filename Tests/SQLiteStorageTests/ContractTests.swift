import EventModel
import StorageContract
import Testing

@testable import SQLiteStorage

@Suite struct ContractTests {
  @Test(arguments: StorageContract.facts + StorageContract.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withTemporaryDirectory { directory in
      try await fact.check { now in try SQLiteStorage(directory: directory, now: now) }
    }
  }

  @Test(arguments: StorageContract.damageFacts)
  func bears(_ fact: Fact) async throws {
    try await withTemporaryDirectory { directory in
      try await fact.check(tampering: .bySecondConnection) { now in
        try SQLiteStorage(directory: directory, now: now)
      }
    }
  }
}
