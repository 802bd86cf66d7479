import Contracts
import EventModel
import Testing

@testable import MongoStorage

@Suite(.timeLimit(.minutes(5))) struct ContractTests {
  @Test(arguments: Contracts.facts + Contracts.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withDatabase { uri in
      try await fact.check(tampering: .byDriver(uri)) { now in
        try MongoStorage(uri: uri, now: now)
      }
    }
  }

  @Test(arguments: Contracts.damageFacts)
  func bears(_ fact: Fact) async throws {
    try await withDatabase { uri in
      try await fact.check(tampering: .byDriver(uri)) { now in
        try MongoStorage(uri: uri, now: now)
      }
    }
  }
}
