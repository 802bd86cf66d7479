/// The identity of an aggregate: 16 bytes, a UUID of any version.
///
/// A time-ordered UUID (version 7, RFC 9562 section 5.7) keeps neighbours together in a store's
/// index; `Root.timeOrdered` makes one.
public struct Root: Hashable, Comparable, Sendable {
  /// The number of bytes of a root.
  public static let byteCount = 16

  private let high: UInt64
  private let low: UInt64

  /// Takes exactly 16 bytes; nil for any other number.
  ///
  /// Inlined into other modules: a generic function that is not costs microseconds there, and every
  /// command and every stored commit has a root.
  @inlinable public init?(_ bytes: some Collection<UInt8>) {
    let root = bytes.withContiguousStorageIfAvailable { Root(contiguous: $0) }
    guard let root = root ?? Bytes(bytes).withUnsafeBufferPointer({ Root(contiguous: $0) }) else {
      return nil
    }
    self = root
  }

  @usableFromInline init?(contiguous bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let raw = UnsafeRawBufferPointer(bytes)
    high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// All bits zero (RFC 9562 section 5.9): no aggregate's.
  public static let `nil` = Root(high: 0, low: 0)

  /// The 16 bytes, most significant first.
  public var bytes: Bytes {
    Bytes(unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      raw.storeBytes(of: high.bigEndian, as: UInt64.self)
      raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      count = Self.byteCount
    }
  }

  /// FNV-1a of the 16 bytes: the same for ever and in every version, other than Swift's own hash.
  /// What is stored depends on it.
  public var stableHash: UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  /// Roots are ordered as their bytes are.
  public static func < (left: Root, right: Root) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// A new version 7 UUID for the time given, so that later roots sort behind earlier ones.
  public static func timeOrdered(
    at time: Timestamp, using random: inout some RandomNumberGenerator
  ) -> Root {
    let milliseconds = UInt64(clamping: time.seconds * 1000 + Int64(time.nanoseconds / 1_000_000))
    let high = milliseconds << 16 | 0x7000 | random.next() & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF
    return Root(high: high, low: low)
  }

  /// A new version 4 UUID.
  public static func random(using random: inout some RandomNumberGenerator) -> Root {
    let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF
    return Root(high: high, low: low)
  }
}

extension Root: LosslessStringConvertible {
  /// Takes a UUID as it is written, with hyphens or without, also as a URN (RFC 9562 section 4):
  /// `urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91`. Nil for anything else.
  public init?(_ text: String) {
    let urn = ["urn:uuid:", "URN:UUID:"].first { text.hasPrefix($0) } ?? ""
    let digits = Array(text.utf8.dropFirst(urn.utf8.count))
    let hyphens = [8, 13, 18, 23]
    let isHyphenated = digits.count == 36
    guard isHyphenated || digits.count == 32 else { return nil }
    var nibbles: [UInt8] = []
    for (index, character) in digits.enumerated() {
      if isHyphenated, hyphens.contains(index) {
        guard character == UInt8(ascii: "-") else { return nil }
      } else if let nibble = Character(UnicodeScalar(character)).hexDigitValue {
        nibbles.append(UInt8(nibble))
      } else {
        return nil
      }
    }
    self.init(stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] })
  }

  /// The root as a UUID is written: `0190163d-8694-739b-aea5-966c26f8ad91`.
  public var description: String {
    String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for place in 0..<32 {
        if place == 8 || place == 12 || place == 16 || place == 20 {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        let half = place < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4) & 15)
        text[end] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
        end += 1
      }
      return end
    }
  }
}
