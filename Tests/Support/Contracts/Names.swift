import EventModel
import EventSourcing
import Testing

/// `String` holds the first two equal, the next two, and the last two.
let lookalikes: [Name] = [
  "Kunde", "\u{212A}unde", "caf\u{E9}", "cafe\u{301}", "\u{C5}", "\u{212B}",
]

/// Names around the lengths at which file systems and databases stop, and some of the greatest
/// length that differ at their ends alone.
let longNames: [Name] = ["a", "/", "ü", "%"].flatMap { (text: String) -> [Name] in
  let lengths = [60, 150, 183, 245]
  let ends = ["x", "y"]
  return lengths.map { Name(String(repeating: text, count: $0 / text.utf8.count)) }
    + ends.map { Name(String(repeating: text, count: 254 / text.utf8.count) + $0) }
}

/// One event in each domain, of another aggregate each time.
func append(toEach names: [Name], in storage: any Storage) async throws {
  for (number, name) in names.enumerated() {
    try await storage.domain(name).appendOne(.sample(number))
  }
}

/// Each domain has the event that `append` put there and no other.
func expectOwnLog(ofEach names: [Name], in storage: any Storage) async throws {
  // Backwards: whoever is asked first must not be taken for another.
  for (number, name) in names.enumerated().reversed() {
    let log = try await storage.domain(name).wholeLog()
    #expect(log.map(\.commit.cover) == [Cover(domain: name, root: .sample(number))])
  }
  #expect(try await Set(names).isSubset(of: storage.domains()))
}
