import Contracts
import EventModel
import Testing

@testable import SQLiteStorage

@Suite(.timeLimit(.minutes(5))) struct ContractTests {
  @Test(arguments: Contracts.facts + Contracts.persistenceFacts)
  func keeps(_ fact: Fact) async throws {
    try await withTemporaryDirectory { directory in
      try await fact.check { now in try SQLiteStorage(directory: directory, now: now) }
    }
  }

  @Test(arguments: Contracts.damageFacts)
  func bears(_ fact: Fact) async throws {
    try await withTemporaryDirectory { directory in
      try await fact.check(tampering: .bySecondConnection) { now in
        try SQLiteStorage(directory: directory, now: now)
      }
    }
  }
}
