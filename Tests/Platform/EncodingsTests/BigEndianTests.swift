import Encodings
import Testing

@Suite struct BigEndianTests {
  @Test func bytesStartWithTheMostSignificant() {
    #expect(UInt32(0x0102_0304).bigEndianBytes == [1, 2, 3, 4])
    #expect(Int16(-2).bigEndianBytes == [0xFF, 0xFE])
    var bytes: [UInt8] = [9]
    bytes.append(bigEndian: 0x0102 as UInt16)
    #expect(bytes == [9, 1, 2])
  }

  @Test(arguments: [0, 1, 0x0102_0304_0506_0708, Int64.max, -1, Int64.min])
  func numberComesBackFromItsBytes(_ number: Int64) {
    #expect(Int64(bigEndianBytes: number.bigEndianBytes) == number)
    #expect(UInt64(bigEndianBytes: number.bigEndianBytes) == UInt64(bitPattern: number))
  }

  @Test func fewerBytesMakeASmallerNumber() {
    #expect(UInt64(bigEndianBytes: [1, 2]) == 0x0102)
    #expect(UInt64(bigEndianBytes: []) == 0)
  }
}
