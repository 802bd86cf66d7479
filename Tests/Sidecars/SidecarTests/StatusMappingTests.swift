import EventSourcing
import RPC
import Testing
import Wire

@testable import Sidecars

@Suite struct StatusMappingTests {
  @Test func aStatusIsPassedOnWithItsMetadata() {
    let status = RPCStatus(.aborted, "why", metadata: ["detail": "7"])
    #expect(RPCStatus(thrownByUseCase: status) == status)
    #expect(RPCStatus(thrownByUseCase: LogicError.refused(status)) == status)
  }

  @Test func aStatusThatWasKeptComesBackWithItsMetadata() {
    let status = RPCStatus(.aborted, "why", metadata: ["detail": "7"])
      .with([.errorInfo(reason: "SOLD_OUT", domain: "shop")])
    let kept = ErrorStatus(status)
    #expect(RPCStatus(thrownByUseCase: kept) == status)
    #expect(RPCStatus(thrownByUseCase: LogicError.refused(kept)) == status)
    let damaged = ErrorStatus(.aborted, "why", trailers: [1, 2, 3])
    #expect(RPCStatus(thrownByUseCase: damaged) == RPCStatus(.aborted, "why"))
  }

  @Test func anErrorOfAUseCaseKeepsItsMessage() {
    let status = RPCStatus(thrownByUseCase: EventSourcingError(.conflict, "why"))
    #expect(status == RPCStatus(.aborted, "why"))
  }

  /// What is full may have room again soon; what is too large stays too large.
  @Test func onlyWhatMaySucceedLaterSaysWhen() {
    let full = RPCStatus(thrownByUseCase: EventSourcingError(.exhausted, "why"))
    #expect(full.code == .resourceExhausted && full.message == "why")
    #expect(full.details.map(\.typeURL) == ["type.googleapis.com/google.rpc.RetryInfo"])
    #expect(RPCStatus(thrownByUseCase: EventSourcingError(.invalid, "why")).details.isEmpty)
  }

  @Test func aRequestThatCannotBeReadIsInvalid() {
    let error = #expect(throws: WireError.self) { try Evented.Query(wireBytes: [0xFF]) }
    let status = error.map { RPCStatus(thrownByUseCase: $0) }
    #expect(status?.code == .invalidArgument)
    #expect(status?.message == error.map { "\($0)" })
  }
}
