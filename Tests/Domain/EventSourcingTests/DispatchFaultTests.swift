import Contracts
import EventModel
import MemoryStorage
import Testing

@testable import EventSourcing

/// What becomes of dispatched commands when the store goes away for a moment.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DispatchFaultTests {
  /// A client that asks again as long as the store is away.
  @discardableResult
  private func patiently<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
    while true {
      do { return try await ask() } catch  where ErrorStatus(error).mayPass {
        try Task.checkCancellation()
        await Task.yield()
      }
    }
  }

  private let logic = ScriptedLogic { command, _, _ throws(LogicError) in
    switch command.cover {
    case cover(3): throw .refused(Refusal())
    case cover(4): throw .unavailable("away")
    default: return book("e")
    }
  }

  /// Among the calls: one command waits for its time, one is cancelled before it, one expires while
  /// it is tried, and somebody waits for an end.
  @Test(arguments: StoreCall.ofDomain)
  func anyCallOfTheStoreMayFailAndEachCommandEndsOnce(call: StoreCall) async throws {
    try await StoreCalls.failing(each: call) { calls in
      let storage = MemoryStorage()
      let dispatching = try await Dispatching(
        storage: InterceptedStorage(storage, calls), logic: logic)
      try await patiently { try await dispatching.dispatch("now") }
      try await patiently { try await dispatching.dispatch("later", notBefore: 2) }
      try await patiently { try await dispatching.dispatch("cancelled", to: 2, notBefore: 2) }
      try await patiently { try await dispatching.dispatch("refused", to: 3) }
      try await patiently { try await dispatching.dispatch("expiring", to: 4, expiresAt: 1) }
      try await patiently {
        try await dispatching.dispatcher.cancel(dispatching.reference("cancelled", of: 2))
      }
      let deadline = dispatching.environment.instant() + .seconds(3600)
      try await dispatching.carrying {
        let standing = try await patiently {
          try await dispatching.dispatcher.outcome(
            of: dispatching.reference("later"), until: deadline)
        }
        #expect(standing.events?.commandID == "later")
        try await dispatching.waitUntil {
          try await ends(in: storage, of: dispatching).count == 5
        }
      }
      #expect(try await ends(in: storage, of: dispatching).sorted() == Self.expectedEnds)
      let events = try await storage.domain(bank).wholeLog().map(\.commit)
      #expect(events.map(\.commandID) == ["now", "later"])
    }
  }

  private static let expectedEnds = [
    "cancelled: cancelled", "expiring: expired", "later: appended", "now: appended",
    "refused: refused",
  ]

  /// How each command ended, as often as that is stored.
  private func ends(in storage: MemoryStorage, of dispatching: Dispatching) async throws -> [String]
  {
    var ends: [String] = []
    for recorded in try await storage.domain(.commands(of: bank)).wholeLog() {
      for page in recorded.commit.pages.pages {
        let event = try dispatching.journal.event(page, of: recorded.commit.cover.root)
        guard case .ended(let ended) = event else { continue }
        ends.append("\(ended.commandID): \(ended.end.kind)")
      }
    }
    return ends
  }
}

extension CommandEnd {
  fileprivate var kind: String {
    switch self {
    case .appended: "appended"
    case .nothingToDo: "nothing to do"
    case .refused: "refused"
    case .expired: "expired"
    case .cancelled: "cancelled"
    }
  }
}
