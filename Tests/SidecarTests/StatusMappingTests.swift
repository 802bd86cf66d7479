import EventSourcing
import RPC
import Testing

@testable import Sidecars

@Suite struct StatusMappingTests {
  @Test(arguments: [
    (EventSourcingError.Code.invalid, RPCStatus.Code.invalidArgument),
    (.conflict, .aborted), (.notFound, .notFound), (.precondition, .failedPrecondition),
    (.exhausted, .resourceExhausted), (.unavailable, .unavailable),
    (.timedOut, .deadlineExceeded), (.logicDefect, .internal), (.dataLoss, .dataLoss),
  ])
  func everyErrorOfTheUseCasesHasItsStatus(code: EventSourcingError.Code, status: RPCStatus.Code) {
    let mapped = RPCStatus(EventSourcingError(code, "why"))
    #expect(mapped.code == status)
    #expect(mapped.message == "why")
  }

  @Test func theTableHasEveryRow() {
    #expect(EventSourcingError.Code.allCases.count == 9)
  }

  @Test(arguments: [
    (StorageError.Code.unavailable, RPCStatus.Code.unavailable), (.fenced, .unavailable),
    (.corrupt, .dataLoss), (.incompatible, .dataLoss), (.tooLarge, .resourceExhausted),
  ])
  func everyErrorOfTheStoreHasItsStatus(code: StorageError.Code, status: RPCStatus.Code) {
    #expect(RPCStatus(thrownByUseCase: StorageError(code, "why")).code == status)
  }
}
