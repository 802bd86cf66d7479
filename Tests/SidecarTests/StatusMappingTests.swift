import EventSourcing
import RPC
import Testing
import Wire

@testable import Sidecars

@Suite struct StatusMappingTests {
  @Test(arguments: StatusCode.allCases) func bothLayersHaveTheSameCodes(code: StatusCode) {
    #expect("\(RPCStatus.Code(code))" == "\(code)")
    #expect(RPCStatus(RPCStatus.Code(code)).statusCode == code)
  }

  @Test func thereIsNoCodeBesides() {
    #expect(RPCStatus.Code.allCases.count == StatusCode.allCases.count)
  }

  @Test func aStatusIsPassedOnWithItsMetadata() {
    let status = RPCStatus(.aborted, "why", metadata: ["detail": "7"])
    #expect(RPCStatus(thrownByUseCase: status) == status)
    #expect(RPCStatus(thrownByUseCase: LogicError.refused(status)) == status)
  }

  @Test func anErrorOfAUseCaseKeepsItsMessage() {
    let status = RPCStatus(thrownByUseCase: EventSourcingError(.conflict, "why"))
    #expect(status == RPCStatus(.aborted, "why"))
  }

  @Test func aRequestThatCannotBeReadIsInvalid() {
    let error = #expect(throws: WireError.self) { try Evented.Query(wireBytes: [0xFF]) }
    let status = error.map { RPCStatus(thrownByUseCase: $0) }
    #expect(status?.code == .invalidArgument)
    #expect(status?.message == error.map { "\($0)" })
  }
}
