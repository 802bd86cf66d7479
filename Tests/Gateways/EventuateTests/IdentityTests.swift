import EventModel
import Testing

@testable import Eventuate

/// Names that Eventuate's clients use, and what they are here.
@Suite struct IdentityTests {
  @Test(arguments: [
    ("0000015728f1fa50-0242ac1100ce0002", "0000015728f1fa50-0242ac1100ce0002"),
    ("1-2", "0000000000000001-0000000000000002"),
    ("FFFFFFFFFFFFFFFF-A", "ffffffffffffffff-000000000000000a"),
  ]) func idsAreReadInAnyLengthAndPrintedPadded(_ text: String, _ printed: String) {
    #expect(EventuateID(text)?.description == printed)
  }

  @Test(arguments: ["", "1", "1-", "-1", "1-2-3", "g-1", "+1-2", "0x1-2", "11111111111111111-1"])
  func whatIsNoIDIsRefused(_ text: String) {
    #expect(EventuateID(text) == nil)
  }

  @Test func eventIDsRiseAlongTheLog() {
    let ids = [(1, 0), (1, 1), (2, 0), (300, 7)].map { number, sequence in
      EventuateID(Position(number: number), SequenceNumber(sequence))
    }
    #expect(ids.map(\.description).sorted() == ids.map(\.description))
    #expect(ids[3].expectedNext == 8)
    #expect(EventuateID(Position(partition: 1023, number: 1), 0).high < 1 << 63)
    #expect(EventuateID(high: 1, low: 1 << 32).expectedNext == nil)
  }

  @Test func aCanonicalEntityIDIsTheRoot() throws {
    let type = try EntityType("Account", in: nil)
    let entity = try EntityName(type, id: "0000015728f1fa50-0242ac1100ce0002")
    #expect(entity.root.description == "00000157-28f1-fa50-0242-ac1100ce0002")
    #expect(entity.idToKeep == nil)
    #expect(EntityName(type, root: entity.root) == entity)
  }

  @Test(arguments: ["custom-1", "1-2", "0000015728F1FA50-0242AC1100CE0002", "ä/ö?"])
  func anyOtherEntityIDIsKept(_ id: String) throws {
    let entity = try EntityName(try EntityType("Account", in: nil), id: id)
    #expect(entity.idToKeep == id)
    #expect(entity.root.bytes[6] >> 4 == 5)
  }

  /// By Python: `uuid.uuid5(uuid.NAMESPACE_OID, "custom-1")`.
  @Test func otherLanguagesFindTheRootOfAnID() throws {
    let entity = try EntityName(try EntityType("Account", in: nil), id: "custom-1")
    #expect(entity.root.description == "b7b7936d-0eae-5176-889c-1b59b45bde35")
  }

  @Test func anEntityTypeIsADomain() throws {
    #expect(try EntityType("net.x.Account$Inner", in: "default").domain == "net.x.Account$Inner")
    #expect(try EntityType("Account", in: "shop").domain == "shop/Account")
    #expect(try EntityType("Account", in: "").domain == "Account")
  }

  @Test(
    arguments: [
      ("", nil), ("a/b", nil), ("$a", nil), ("a", "b/c"), ("a", "$b"),
      (String(repeating: "x", count: 255), nil),
    ] as [(String, String?)]) func whatCannotBeADomainIsRefused(_ type: String, _ space: String?)
  {
    #expect(throws: EventuateFailure.self) { try EntityType(type, in: space) }
  }

  @Test func idsOfEntitiesHaveABound() throws {
    let type = try EntityType("Account", in: nil)
    #expect(throws: EventuateFailure.self) { try EntityName(type, id: "") }
    #expect(throws: EventuateFailure.self) {
      try EntityName(type, id: String(repeating: "x", count: 256))
    }
  }

  // MARK: Tokens and subscribers

  private let event = EventReference(
    cover: Cover(
      domain: "shop/net.x.Account$Inner", root: Root(Bytes(repeating: 0xFB, count: 16))!),
    sequence: 7)

  @Test func aTokenNamesEventAndSubscriberInCharactersForURLs() throws {
    let token = TriggeringToken(event, for: try SubscriberName("s", in: "shop"))
    #expect(token.event == event)
    #expect(TriggeringToken(token.text) == token)
    #expect(
      token.text.utf8.allSatisfy { byte in
        Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      })
    let others = [("t", "shop"), ("s", "default")].map { id, space in
      TriggeringToken(event, for: try! SubscriberName(id, in: space)).text
    }
    #expect(Set(others + [token.text]).count == 3)
  }

  @Test func aTokenOfAnotherMakeIsTaken() {
    let token = TriggeringToken("tok+/=1")
    #expect(token.event == nil && token.commandID == "tok+/=1")
    #expect(TriggeringToken("tok /=1").commandID == token.commandID)
    let long = TriggeringToken(String(repeating: "x", count: 256))
    #expect(long.commandID.utf8.count < 256)
    #expect(long.commandID != TriggeringToken(String(repeating: "x", count: 257)).commandID)
  }

  @Test func aSubscriptionHasANameThatEveryDomainTakes() throws {
    #expect(try SubscriberName("orders", in: "default").subscription == "eventuate-orders")
    #expect(try SubscriberName("$a/b", in: "default").subscription == "eventuate-%24a%2Fb")
    let long = try SubscriberName(String(repeating: "x", count: 500), in: "default")
    #expect(long.subscription.utf8.count <= 128)
  }

  @Test(arguments: ["", "a\"b", "a\\b", "a\nb", String(repeating: "x", count: 1025)])
  func aSubscriberIDThatClientsCannotReadBackIsRefused(_ id: String) {
    #expect(throws: EventuateFailure.self) { try SubscriberName(id, in: "default") }
  }
}
