import EventModel
import Testing

@testable import EventSourcing

@Suite struct EventTypeFilterTests {
  private func pages(_ urls: String...) -> PageBlock { typedCommit(1, at: 0, urls).pages }

  @Test func aTypeIsNamedByItsURLOrAnEndOfIt() {
    let opened = pages("type.googleapis.com/bank.Opened")
    for type in ["type.googleapis.com/bank.Opened", "x/bank.Opened", "bank.Opened", "Opened"] {
      #expect(EventTypeFilter([type]).includes(opened), "\(type)")
    }
    for type in ["opened", "k.Opened", "bank.Opened2", "bank", ""] {
      #expect(!EventTypeFilter([type]).includes(opened), "\(type)")
    }
  }

  @Test func oneEventOfOneTypeIsEnough() {
    let filter = EventTypeFilter(["Closed", "Opened"])
    #expect(filter.includes(pages("t/bank.Deposited", "t/bank.Closed")))
    #expect(!filter.includes(pages("t/bank.Deposited")))
  }

  @Test func withoutATypeEverythingIsIncluded() {
    #expect(EventTypeFilter.all.includes(pages("t/bank.Deposited")))
    #expect(EventTypeFilter.all.includes(commit(at: 0, "no type").pages))
    #expect(!EventTypeFilter(["Opened"]).includes(commit(at: 0, "no type").pages))
  }
}

/// A commit whose events are of the types given.
func typedCommit(_ number: UInt8, at first: SequenceNumber, _ urls: [String]) -> Commit {
  var commit = commit(number, at: first, "e")
  var pages = PageBlock(emptyAt: first)
  for url in urls {
    let any = [0x0A, UInt8(url.utf8.count)] + Bytes(url.utf8)
    pages.append(
      EventPage(
        sequence: pages.next, createdAt: Timestamp(seconds: 1),
        body: [0x22, UInt8(any.count)] + any))
  }
  commit.pages = pages
  return commit
}
