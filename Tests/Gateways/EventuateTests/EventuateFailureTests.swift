import RPC
import StatusCodes
import Testing

@testable import Eventuate

/// What clients are told of what sidecars answer.
@Suite struct EventuateFailureTests {
  /// Some clients repeat a request for ever that is answered 503, and no other.
  @Test(arguments: [
    (StatusCode.invalidArgument, 400), (.outOfRange, 400), (.unauthenticated, 401),
    (.permissionDenied, 403), (.notFound, 404), (.unavailable, 503), (.resourceExhausted, 503),
    (.deadlineExceeded, 503), (.aborted, 503), (.cancelled, 503), (.internal, 500),
    (.dataLoss, 500), (.unknown, 500), (.unimplemented, 500),
  ]) func eachStatusIsOneOfHTTP(_ code: StatusCode, _ status: Int) {
    let failure = EventuateFailure(RPCStatus(code, "why"), precondition: .optimisticLock)
    #expect(failure.status == status && failure.conflict == nil)
    #expect(failure.body["message"] == "why" && failure.body["status"] == .integer(status))
  }

  @Test(arguments: [
    (EventuateFailure.Conflict.optimisticLock, "optimistic_lock_error"),
    (.entityExists, "entity_exists"),
  ]) func aPreconditionIsAConflictWithItsWord(
    _ conflict: EventuateFailure.Conflict, _ word: String
  ) {
    let failure = EventuateFailure(
      RPCStatus(.failedPrecondition, "why"), precondition: conflict)
    #expect(failure.status == 409)
    #expect(failure.body == ["error": .string(word), "explanation": "why"])
  }
}
