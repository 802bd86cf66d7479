import EventModel
import StorageContract
import Testing

@testable import MongoStorage

@Suite struct ContractTests {
  @Test(arguments: StorageContract.facts + StorageContract.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withDatabase { uri in
      try await fact.check(tampering: .byDriver(uri)) { now in
        try MongoStorage(uri: uri, now: now)
      }
    }
  }

  @Test(arguments: StorageContract.damageFacts)
  func bears(_ fact: Fact) async throws {
    try await withDatabase { uri in
      try await fact.check(tampering: .byDriver(uri)) { now in
        try MongoStorage(uri: uri, now: now)
      }
    }
  }
}
