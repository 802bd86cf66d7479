import Testing
import Timing

@testable import ObjectStorage

/// The examples that AWS publishes.
@Suite struct RequestSignatureTests {
  private func signature(of headers: [(name: String, value: String)]) -> Substring? {
    headers.last { $0.name == "authorization" }?.value.split(separator: "Signature=").last
  }

  /// "GET Object" of "Signature Calculations for the Authorization Header" (Amazon S3's reference).
  @Test func getObject() throws {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let signed = RequestSignature(
      Credentials(
        keyID: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
      region: "us-east-1", at: Timestamp(seconds: 1_369_353_600)
    ).headers(
      "GET", "/test.txt",
      [
        ("host", "examplebucket.s3.amazonaws.com"), ("range", "bytes=0-9"),
        ("x-amz-content-sha256", empty),
      ], bodyDigest: empty)
    #expect(
      signature(of: signed)
        == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    #expect(signed.contains { $0 == ("x-amz-date", "20130524T000000Z") })
  }

  /// "get-vanilla" of the test suite for Signature Version 4.
  @Test func getVanilla() throws {
    let signed = RequestSignature(
      Credentials(keyID: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      region: "us-east-1", service: "service", at: Timestamp(seconds: 1_440_938_160)
    ).headers(
      "GET", "/", [("host", "example.amazonaws.com")],
      bodyDigest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      signature(of: signed)
        == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
  }

  @Test func temporaryCredentialsShowTheirToken() {
    let signed = RequestSignature(
      Credentials(keyID: "A", secret: "B", sessionToken: "C"), region: "r",
      at: Timestamp(seconds: 0)
    ).headers("PUT", "/k", [("host", "h")], bodyDigest: "d")
    #expect(signed.contains { $0 == ("x-amz-security-token", "C") })
    #expect(
      signed.last?.value.contains("SignedHeaders=host;x-amz-date;x-amz-security-token") == true)
  }
}

@Suite struct BucketTests {
  private func bucket(isInPath: Bool) -> Bucket {
    Bucket(
      host: "s3.example", port: 9000, authority: "s3.example:9000", name: "snapshots",
      prefix: "bank", region: "r", isInPath: isInPath)
  }

  @Test func theBucketIsInThePathOrTheHost() {
    #expect(bucket(isInPath: true).path(of: "a/b c/d") == "/snapshots/a/b%20c/d")
    #expect(bucket(isInPath: true).hostHeader == "s3.example:9000")
    #expect(bucket(isInPath: false).path(of: "a/b") == "/a/b")
    #expect(bucket(isInPath: false).hostHeader == "snapshots.s3.example:9000")
    #expect(bucket(isInPath: false).server == "snapshots.s3.example")
  }
}
