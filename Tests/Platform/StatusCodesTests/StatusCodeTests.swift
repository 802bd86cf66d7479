import StatusCodes
import Testing

@Suite struct StatusCodeTests {
  /// gRPC, `doc/statuscodes.md`.
  private static let table = [
    "0 OK", "1 CANCELLED", "2 UNKNOWN", "3 INVALID_ARGUMENT", "4 DEADLINE_EXCEEDED",
    "5 NOT_FOUND", "6 ALREADY_EXISTS", "7 PERMISSION_DENIED", "8 RESOURCE_EXHAUSTED",
    "9 FAILED_PRECONDITION", "10 ABORTED", "11 OUT_OF_RANGE", "12 UNIMPLEMENTED", "13 INTERNAL",
    "14 UNAVAILABLE", "15 DATA_LOSS", "16 UNAUTHENTICATED",
  ]

  @Test func codesAreThoseOfGRPC() {
    #expect(StatusCode.allCases.map { "\($0.rawValue) \($0)" } == Self.table)
  }

  @Test(arguments: StatusCode.allCases)
  func codeIsReadFromItsNumber(_ code: StatusCode) {
    #expect(StatusCode(number: Int32(code.rawValue)) == code)
  }

  @Test(arguments: [nil, -1, 17, Int64(1) << 32, .min, .max] as [Int64?])
  func otherNumberIsUnknown(_ number: Int64?) {
    #expect(StatusCode(number: number) == .unknown)
  }
}
