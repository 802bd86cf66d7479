import EventModel
import RPC
import Sidecars
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServedDomainsTests {
  private struct NotYet: Error {}

  /// Whoever waits for an opening that fails asks again, and so do those who come late: the next
  /// one must not be taken for the one that failed.
  @Test func domainIsOpenedOnceWhateverFailsBefore() async throws {
    for _ in 0..<200 {
      let tries = Atomic(0)
      let opened = Atomic(0)
      let served = ServedDomains<Int>(names: nil) { _ in
        let number = tries.add(1, ordering: .relaxed).newValue
        await Task.yield()
        if number < 3 { throw NotYet() }
        await Task.yield()
        return opened.add(1, ordering: .relaxed).newValue
      }
      await withDiscardingTaskGroup { group in
        for _ in 0..<16 {
          group.addTask {
            while (try? await served.serving("bank")) == nil { await Task.yield() }
          }
        }
      }
      #expect(opened.load(ordering: .relaxed) == 1)
      #expect(try await served.serving("bank") == 1)
    }
  }

  @Test func thoseUsedLastAreKept() async throws {
    let opened = Mutex<[Name]>([])
    let served = ServedDomains<Name>(names: nil, countMax: 2) { name in
      opened.withLock { $0.append(name) }
      return name
    }
    for name in ["a", "b", "a", "c", "a", "b"] as [Name] {
      #expect(try await served.serving(name) == name)
    }
    #expect(opened.withLock { $0 } == ["a", "b", "c", "b"])
    #expect(served.opened == ["a", "b"])
  }

  @Test func namesThatAreServedAreComparedByteByByte() async throws {
    let served = ServedDomains<Name>(names: ["Kunde"]) { $0 }
    #expect(try await served.serving("Kunde") == "Kunde")
    let status = await #expect(throws: RPCStatus.self) {
      try await served.serving("\u{212A}unde")
    }
    #expect(status?.code == .notFound)
  }
}
