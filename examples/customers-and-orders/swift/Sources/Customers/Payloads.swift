import OutriderClient
import SwiftProtobuf

// The messages of shop.proto, as services in any language have them.

extension Payload where Self: SwiftProtobuf.Message {
  static var typeURL: String { "type.googleapis.com/\(protoMessageName)" }
  init(payloadBytes: [UInt8]) throws { try self.init(serializedBytes: payloadBytes) }
  func payloadBytes() throws -> [UInt8] { try serializedBytes() }
}

extension Shop_CreateCustomer: Payload {}
extension Shop_ReserveCredit: Payload {}
extension Shop_CustomerCreated: Payload {}
extension Shop_CreditReserved: Payload {}
extension Shop_CreditLimitExceeded: Payload {}
extension Shop_CustomerUnknown: Payload {}
extension Shop_OrderCreated: Payload {}
