import Base
import Foundation
import RunLogs
import Testing

@Suite("Numbers and paths in logs")
struct NumberFieldTests {
  @Test("Decimals of up to 18 digits are read as the standard library reads them, almost all without it")
  func decimals() {
    var generator = MersenneTwister(seed: 11)
    var (read, wrong) = (0, 0)
    let count = 20_000
    for _ in 0..<count {
      let digits = 1 + Int(generator.uniform() * 18)
      let text = (0..<digits).map { _ in String(Int(generator.uniform() * 10)) }.joined()
      let point = Int(generator.uniform() * Double(digits + 1))
      let decimal = "\(generator.uniform() < 0.3 ? "-" : "")\(text.prefix(point)).\(text.dropFirst(point))0"
      guard let expected = Double(decimal), let value = plain(decimal) else { continue }
      read += 1
      if value != expected { wrong += 1 }
    }
    #expect(wrong == 0)
    #expect(read > count * 9 / 10)
  }

  @Test("Numbers that lie half way between two doubles are rounded as the standard library rounds them")
  func halves() {
    // 2^53 + 1 has no double of its own; its neighbours of 18 digits lie about the middle.
    for text in [
      "9007199254740993", "9007199254740993.1", "9007199254740992.9", "900719925474099.3", "0.9007199254740993",
      "90071992547409.930", "4503599627370497.5", "4503599627370496.5", "2251799813685249.25", "2251799813685248.75",
    ] {
      #expect(NumberField.number(text) == Double(text), "\(text)")
    }
  }

  @Test("What is not a plain decimal is left to the standard library, words are no numbers")
  func others() {
    for text in ["", "-", ".", "1e5", "0x10", "nan", "inf", "1.2.3", "1,5", " 1", "+1", "12345678901234567890123"] {
      #expect(plain(text) == nil, "\(text)")
    }
    #expect(NumberField.number("1e5") == 1e5 && NumberField.number("grn") == nil)
    #expect(NumberField.number("10000000000000000000000") == 1e22)
    #expect(plain("0") == 0 && plain("-0.5") == -0.5 && plain("7.") == 7)
  }

  @Test("Bytes are counted in pieces of every length")
  func counts() {
    var generator = MersenneTwister(seed: 5)
    for length in [0, 1, 31, 32, 33, 64, 1000, 20_000] {
      let bytes = (0..<length).map { _ in generator.uniform() < 0.4 ? UInt8(44) : UInt8(65) }
      let start = min(length, 3)
      let found = bytes.withUnsafeBufferPointer { ByteSearch.count(of: 44, in: $0, start..<length) }
      #expect(found == bytes[start...].count { $0 == 44 })
    }
    let same = [UInt8](repeating: 44, count: 32 * 600)
    #expect(same.withUnsafeBufferPointer { ByteSearch.count(of: 44, in: $0, 0..<same.count) } == same.count)
  }

  @Test("The best value passes over what is not finite")
  func best() {
    let (up, down) = (RankingMetric(name: "val_bps"), RankingMetric(name: "val_loss"))
    #expect(up.best([.nan, 1, 3, .infinity, 2]) == 3 && down.best([.nan, 2, -.infinity, 1, 3]) == 1)
    #expect(up.best([.nan]) == nil && down.best([Double]()) == nil)
    #expect(down.best([9, 4, 1][..<2]) == 4)
  }

  @Test("Paths are taken apart at their last slash")
  func paths() {
    #expect("a/b/ç".lastComponent == "ç" && "a/b/".lastComponent == "b" && "a".lastComponent == "a")
    #expect("/".lastComponent == "/" && "".lastComponent == "")
    #expect("a/b/c".folderAbove == "a/b" && "a".folderAbove == "" && "/a".folderAbove == "" && "é/a".folderAbove == "é")
  }

  private func plain(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { NumberField.plain($0) }
  }
}
