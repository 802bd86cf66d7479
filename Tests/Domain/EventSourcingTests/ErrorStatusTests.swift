import EventSourcing
import StatusCodes
import Testing

/// Every row of the table, and what it means for deliveries.
@Suite struct ErrorStatusTests {
  private struct Row: Sendable {
    let error: any Error
    let code: StatusCode
    let isTemporary: Bool

    init(_ error: any Error, _ code: StatusCode, temporary: Bool) {
      self.error = error
      self.code = code
      isTemporary = temporary
    }
  }

  private struct Surprise: Error {}

  private static let rows =
    [
      (EventSourcingError.Code.invalid, StatusCode.invalidArgument), (.conflict, .aborted),
      (.notFound, .notFound), (.precondition, .failedPrecondition),
      (.expired, .failedPrecondition),
      (.exhausted, .resourceExhausted), (.unavailable, .unavailable),
      (.timedOut, .deadlineExceeded), (.logicDefect, .internal),
    ].map { Row(EventSourcingError($0.0, "why"), $0.1, temporary: true) } + [
      Row(EventSourcingError(.dataLoss, "why"), .dataLoss, temporary: false),
      Row(StorageError(.unavailable, "why"), .unavailable, temporary: true),
      Row(StorageError(.fenced, "why"), .unavailable, temporary: false),
      Row(StorageError(.tooLarge, "why"), .invalidArgument, temporary: false),
      Row(StorageError(.corrupt, "why"), .dataLoss, temporary: false),
      Row(StorageError(.incompatible, "why"), .dataLoss, temporary: false),
      Row(LogicError.refused(Refusal()), .failedPrecondition, temporary: false),
      Row(LogicError.refused(Surprise()), .unknown, temporary: false),
      Row(LogicError.unavailable("why"), .unavailable, temporary: true),
      Row(LogicError.timedOut, .deadlineExceeded, temporary: false),
      Row(LogicError.malformed("why"), .internal, temporary: false),
      Row(Refusal(statusCode: .outOfRange), .outOfRange, temporary: false),
      Row(CancellationError(), .cancelled, temporary: true),
      Row(Surprise(), .internal, temporary: false),
    ]

  @Test(arguments: rows) private func callersAndParkedAggregatesSeeTheSame(row: Row) {
    let failure = DeliveryFailure(row.error)
    #expect(ErrorStatus(row.error).code == row.code)
    #expect(failure.statusCode == row.code)
    #expect(failure.message == ErrorStatus(row.error).message)
    #expect(failure.isTemporary == row.isTemporary)
  }

  @Test func noCommandEndsByWhatMayPass() {
    let passing = StatusCode.allCases.filter { ErrorStatus(Refusal(statusCode: $0)).mayPass }
    #expect(
      passing == [.cancelled, .deadlineExceeded, .resourceExhausted, .aborted, .unavailable])
    #expect(ErrorStatus(LogicError.timedOut).mayPass)
    #expect(!ErrorStatus(LogicError.malformed("why")).mayPass)
  }

  @Test func everyErrorOfTheUseCasesHasARow() {
    let codes = Self.rows.compactMap { ($0.error as? EventSourcingError)?.code }
    #expect(Set(codes) == Set(EventSourcingError.Code.allCases))
  }
}
