import Testing

@testable import RabbitMQChannel

@Suite struct AcknowledgementsTests {
  private func outstanding(_ count: UInt64) -> Acknowledgements {
    var acknowledgements = Acknowledgements()
    for tag in 1...count { acknowledgements.delivered(tag) }
    return acknowledgements
  }

  @Test func oneFrameAcknowledgesAllThatAreDoneFromTheFirstOn() {
    var acknowledgements = outstanding(5)
    let behind = acknowledgements.acknowledge([3, 2])
    #expect(behind.isEmpty)
    let frames = acknowledgements.acknowledge([1])
    #expect(frames.map(\.tag) == [3])
    #expect(frames.map(\.upTo) == [true])
  }

  @Test func oneThatTakesLongDoesNotKeepTheOthers() {
    var acknowledgements = outstanding(200)
    let frames = acknowledgements.acknowledge(Array(2...100))
    #expect(frames.map(\.tag) == Array(2...100))
    #expect(frames.allSatisfy { !$0.upTo })
    let rest = acknowledgements.acknowledge([1])
    #expect(rest.map(\.tag) == [1])
  }
}
