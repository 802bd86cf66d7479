import Testing

@testable import RabbitMQChannel

@Suite struct RabbitMQAddressTests {
  @Test func partsOfAURIAreRead() throws {
    let address = try RabbitMQAddress(
      "amqps://o%40rder:p%3Aw@broker.example:5999/shop%2F1?exchange=events&style=evented"
        + "&queues=quorum&cacertfile=/ca.pem&certfile=/c.pem&keyfile=/k.pem")
    var expected = try RabbitMQAddress("amqps://")
    expected.host = "broker.example"
    expected.port = 5999
    expected.user = "o@rder"
    expected.password = "p:w"
    expected.virtualHost = "shop/1"
    expected.exchange = "events"
    expected.isEventedStyle = true
    expected.hasQuorumQueues = true
    expected.authorities = "/ca.pem"
    expected.certificate = "/c.pem"
    expected.key = "/k.pem"
    #expect(address == expected)
  }

  @Test func whatIsLeftOutHasItsUsualValue() throws {
    let address = try RabbitMQAddress("amqp://[::1]")
    #expect(address.host == "::1")
    #expect(address.port == 5672)
    #expect(address.virtualHost == "/")
    #expect(address.exchange == "outrider")
    #expect(try RabbitMQAddress("amqps://broker/").port == 5671)
  }

  @Test(arguments: [
    "http://broker", "amqp://broker:0", "amqp://broker:70000", "amqp://broker:x",
    "amqp://broker?exchange", "amqp://broker?color=red", "amqp://broker/%zz",
    "amqp://broker?cacertfile=/ca.pem", "amqps://broker?certfile=/c.pem",
  ])
  func aMistakeIsRefusedWithoutQuotingThePassword(_ uri: String) {
    let mistake = #expect(throws: RabbitMQAddress.Mistake.self) { try RabbitMQAddress(uri) }
    #expect(mistake?.description.isEmpty == false)
  }
}
