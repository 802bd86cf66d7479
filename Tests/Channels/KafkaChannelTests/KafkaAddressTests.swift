import EventSourcing
import Testing

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct KafkaAddressTests {
  @Test func partsOfAURIAreRead() throws {
    let address = try KafkaAddress(
      "kafka://one.example:9093,two.example?topic=kf-{domain}-events&partitions=12&replicas=3"
        + "&security.protocol=sasl_ssl&sasl.mechanism=SCRAM-SHA-512&sasl.username=o%40rder"
        + "&sasl.password=p%26w&ssl.ca.location=/ca.pem&ssl.certificate.location=/c.pem"
        + "&ssl.key.location=/k.pem")
    var expected = try KafkaAddress("kafka://x")
    expected.servers = "one.example:9093,two.example:9092"
    expected.topic = "kf-{domain}-events"
    expected.partitions = 12
    expected.replicas = 3
    expected.security = [
      "security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512",
      "sasl.username": "o@rder", "sasl.password": "p&w", "ssl.ca.location": "/ca.pem",
      "ssl.certificate.location": "/c.pem", "ssl.key.location": "/k.pem",
    ]
    #expect(address == expected)
  }

  @Test func whatIsLeftOutHasItsUsualValue() throws {
    let address = try KafkaAddress("kafka://[::1]/")
    #expect(address.servers == "[::1]:9092")
    #expect(address.topic == "outrider.{domain}")
    #expect(address.values == .eventBook)
    let eventuate = try KafkaAddress("kafka://broker?values=eventuate")
    #expect(eventuate.topic == "{domain}")
    let named = try KafkaAddress("kafka://broker?topic=t&values=eventuate")
    #expect(named.topic == "t")
  }

  @Test(arguments: [
    "amqp://broker", "kafka://", "kafka://:9092", "kafka://broker:0", "kafka://broker:70000",
    "kafka://one,,two", "kafka://user:secret@broker", "kafka://broker?topic=a/b",
    "kafka://broker?topic", "kafka://broker?values=json", "kafka://broker?partitions=0",
    "kafka://broker?replicas=many", "kafka://broker?sasl.password=%zz&x=secret",
    "kafka://broker?color=secret", "kafka://broker?topic=outrider.{tenant}",
    "kafka://broker?topic=a,,b", "kafka://broker?topic=a,b,a",
  ])
  func aMistakeIsRefusedWithoutQuotingThePassword(_ uri: String) {
    let mistake = #expect(throws: KafkaAddress.Mistake.self) { try KafkaAddress(uri) }
    #expect(mistake?.description.isEmpty == false)
    #expect(mistake?.description.contains("secret") == false)
  }

  @Test func eachOfSeveralTopicsIsAnAddress() throws {
    let address = try KafkaAddress(
      "kafka://broker?topic={domain}-events,kf-evento-events&replicas=3")
    #expect(address.topic == "{domain}-events")
    let each = address.eachTopic
    #expect(each.map(\.topic) == ["{domain}-events", "kf-evento-events"])
    #expect(each.allSatisfy { $0.replicas == 3 && $0.furtherTopics.isEmpty })
    let commands = try address.on(topic: "kf-evento-commands")
    #expect(commands.eachTopic == [commands] && commands.topic == "kf-evento-commands")
    #expect(throws: KafkaAddress.Mistake.self) { try address.on(topic: "a/b") }
  }

  @Test func anUnknownOptionIsAnsweredByTheListOfThose() {
    let mistake = #expect(throws: KafkaAddress.Mistake.self) {
      try KafkaAddress("kafka://broker?acks=1")
    }
    for option in ["acks", "topic", "values", "sasl.password", "ssl.ca.location"] {
      #expect(mistake?.description.contains(option) == true)
    }
  }

  @Test func whatTheLibraryRefusesIsAMistakeOfTheURI() throws {
    let protocolError = #expect(throws: ChannelError.self) {
      try KafkaChannel(try KafkaAddress("kafka://broker?security.protocol=carrier-pigeon"))
    }
    #expect(protocolError?.code == .notPermitted)
    #expect(protocolError?.message.contains("security.protocol") == true)
    let certificateError = #expect(throws: ChannelError.self) {
      try KafkaChannel(
        try KafkaAddress("kafka://broker?security.protocol=ssl&ssl.ca.location=/nowhere.pem"))
    }
    #expect(certificateError?.message.contains("ssl.ca.location") == true)
  }

  @Test func aDomainWhoseNameIsNoTopicIsNamed() throws {
    let address = try KafkaAddress("kafka://broker")
    #expect(try TopicName.topic(of: "orders", at: address) == "outrider.orders")
    let error = #expect(throws: ChannelError.self) {
      try TopicName.topic(of: "orders/2024", at: address)
    }
    #expect(error?.code == .notPermitted)
    #expect(error?.message.contains("orders/2024") == true)
    let eventuate = try KafkaAddress("kafka://broker?values=eventuate")
    #expect(try TopicName.topic(of: "bank.Account$Old", at: eventuate) == "bank.Account_DLR_Old")
  }
}
