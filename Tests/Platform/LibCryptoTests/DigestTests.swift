import Encodings
import LibCrypto
import Testing

@Suite struct DigestTests {
  /// The messages of NIST's examples for FIPS 180-4, and the empty one.
  private static let short = Array("abc".utf8)
  private static let twoBlocks = Array(
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
  private static let long = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)

  @Test(arguments: [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (short, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (long, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func sha256IsThatOfTheStandard(_ message: [UInt8], _ digest: String) {
    #expect(LibCrypto.hexSHA256(message) == digest)
    #expect(Hexadecimal.encode(LibCrypto.sha256(message)) == digest)
  }

  @Test(arguments: [
    ([], "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (short, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (twoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    (long, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
  ])
  func sha1IsThatOfTheStandard(_ message: [UInt8], _ digest: String) {
    #expect(Hexadecimal.encode(LibCrypto.sha1(message)) == digest)
  }
}
