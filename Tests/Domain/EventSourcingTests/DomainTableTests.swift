import EventModel
import EventSourcing
import Testing

@Suite struct DomainTableTests {
  private final class Domain: Sendable {}

  private let table = DomainTable<Domain>(keptMax: 2)

  private func open(_ name: Name) -> Domain {
    if let domain = table.existing(name) { return domain }
    let domain = table.domain(name) { Domain() }
    table.keep(domain, as: name)
    return domain
  }

  @Test func thoseUsedLastAreKept() {
    let names = (0..<200).map { Name("d\($0)") }
    for name in names { _ = open(name) }
    _ = open(names[198])
    _ = open("another")
    #expect(Set(table.names) == [names[198], "another"])
    #expect(table.all.count == 2)
  }

  @Test func whatSomeoneHasIsTheSameForAll() {
    let first = open("first")
    for number in 0..<200 { _ = open("d\(number)") }
    #expect(table.existing("first") == nil)
    #expect(table.all.count == 3)
    #expect(open("first") === first)
  }

  @Test func whatDoesNotExistIsThereAsLongAsSomeoneHasIt() {
    for number in 0..<200 { _ = table.domain("invented \(number)") { Domain() } }
    #expect(table.all.isEmpty)
    let asked = table.domain("asked") { Domain() }
    #expect(table.domain("asked") { Domain() } === asked)
    #expect(table.names.isEmpty)
  }
}
