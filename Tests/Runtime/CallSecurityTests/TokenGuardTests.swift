import RPC
import Testing
import Tokens

@testable import CallSecurity
@testable import SidecarConfiguration

/// What bearer tokens prove beside the certificate of the connection that they come on.
@Suite(.timeLimit(.minutes(5))) struct TokenGuardTests {
  private struct Keys: TokenKeySupply {
    let old: TokenKeys
    let new: TokenKeys?

    func current() throws(RPCStatus) -> TokenKeys { old }
    func newer(than old: TokenKeys) async -> TokenKeys? { new }
  }

  /// Of the subject `web` until 2096, signed with HS256 by the bytes 0 to 31.
  private static let token =
    "eyJhbGciOiAiSFMyNTYifQ.eyJzdWIiOiAid2ViIiwgImV4cCI6IDQwMDAwMDAwMDB9"
    + ".Ev98VG7jJ0DKX0W2TvQ8jvinolehbSGk_SpIh02thBU"
  private static let tokenExpires = 4_000_000_000 + TokenVerifier.leeway
  private static let metadata: Metadata = ["authorization": "Bearer \(token)"]

  private static func keys(_ secret: String) throws -> TokenKeys {
    try TokenKeys(
      Array("{\"keys\": [{\"kty\": \"oct\", \"k\": \"\(secret)\"}]}".utf8),
      Configuration.Tokens())
  }

  private static func right() throws -> TokenKeys {
    try keys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
  }

  private static func wrong() throws -> TokenKeys {
    try keys(String(repeating: "A", count: 43))
  }

  private static func caller(of finding: TokenGuard.Finding) async -> Caller? {
    switch finding {
    case .caller(let caller): caller
    case .pending(let later): await caller(of: later())
    case .nothing, .refused: nil
    }
  }

  /// The keys that a download brings count as those that were there.
  @Test(
    arguments: [
      (3_000_000_000, 3_000_000_000), (4_000_000_010, 4_000_000_010),
      (5_000_000_000, tokenExpires), (.infinity, tokenExpires),
    ] as [(Double, Double)], [false, true])
  func aCallEndsWithTheFirstOfItsProofs(_ ends: (Double, Double), areKeysNew: Bool) async throws {
    let (certificateExpires, expected) = ends
    let supply = try Keys(
      old: areKeysNew ? Self.wrong() : Self.right(), new: areKeysNew ? Self.right() : nil)
    let connection = Caller(
      .certificate, names: [CallerName(.dns, "other")], expires: certificateExpires)
    let caller = await Self.caller(
      of: TokenGuard(supply: supply).examine(Self.metadata, from: connection))
    #expect(
      caller == Caller(.token, names: [CallerName(.token, "web")], expires: expected))
  }

  @Test func withoutACertificateTheTokenAloneCounts() async throws {
    let finding = TokenGuard(supply: Keys(old: try Self.right(), new: nil))
      .examine(Self.metadata, from: .anonymous)
    #expect(await Self.caller(of: finding)?.expires == Self.tokenExpires)
  }

  @Test func aTokenOfKeysThatNobodyHasProvesNothing() async throws {
    let finding = TokenGuard(supply: Keys(old: try Self.wrong(), new: nil))
      .examine(Self.metadata, from: .anonymous)
    #expect(await Self.caller(of: finding) == nil)
  }
}
