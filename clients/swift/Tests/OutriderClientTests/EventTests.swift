import FoundationEssentials
import OutriderClient
import Testing

@Suite struct EventTests {
  /// One line of `clients/derived-ids.json`, which every framework is tested with.
  struct Sample: Decodable, CustomTestStringConvertible {
    let subscription, domain, root: String
    let sequence: UInt32
    let step, id: String

    var testDescription: String { "\(domain), \(step)" }

    static func all() throws -> [Sample] {
      let clients = URL(filePath: "../../..", relativeTo: URL(filePath: #filePath))
      let data = try Data(contentsOf: clients.appending(path: "derived-ids.json"))
      return try JSONDecoder().decode([Sample].self, from: data)
    }
  }

  @Test(arguments: try Sample.all())
  func derivedIDIsTheSameInEveryFramework(_ sample: Sample) throws {
    let event = Event(
      domain: sample.domain, root: try #require(UUID(uuidString: sample.root)),
      sequence: sample.sequence, subscription: sample.subscription)
    #expect(event.derivedID(step: sample.step) == UUID(uuidString: sample.id))
    #expect(event.id == "\(sample.domain)/\(sample.root)/\(sample.sequence)")
  }
}
