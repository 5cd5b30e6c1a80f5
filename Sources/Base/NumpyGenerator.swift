/// Permutations as `numpy.random.default_rng(seed).permutation(n)` draws them, number for number.
///
/// Source: PCG64 (XSL RR 128/64) of O'Neill 2014, seeded through numpy's SeedSequence (NEP 19); shuffle by Fisher and
/// Yates from the end, with masked rejection.
public struct NumpyGenerator: Sendable {
  private var state: UInt128
  private let increment: UInt128
  /// The upper half of the last word, while only its lower half has been used.
  private var spare: UInt32?

  private static let multiplier: UInt128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645

  public init(seed: UInt32) {
    let words = SeedSequence.words(seed)
    let start = UInt128(words[0]) << 64 | UInt128(words[1])
    increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    state = 0
    step()
    state &+= start
    step()
  }

  /// The integers from 0 to `count` - 1, in random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in order.indices.dropFirst().reversed() { order.swapAt(last, integer(upTo: last)) }
    return order
  }

  /// A number in [0, 1), as numpy's `random()` draws it.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number from 0 to `count` - 1; 0 for a count below 2.
  public mutating func integer(below count: Int) -> Int { count > 1 ? integer(upTo: count - 1) : 0 }

  /// A whole number from 0 to `maximum`, both included.
  private mutating func integer(upTo maximum: Int) -> Int {
    let mask = Int(truncatingIfNeeded: UInt64.max >> UInt64(maximum.leadingZeroBitCount))
    while true {
      let word = maximum <= UInt32.max ? Int(nextHalf()) : Int(truncatingIfNeeded: next())
      if word & mask <= maximum { return word & mask }
    }
  }

  private mutating func step() { state = state &* Self.multiplier &+ increment }

  private mutating func next() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let turn = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> turn | folded << ((64 - turn) & 63)
  }

  private mutating func nextHalf() -> UInt32 {
    if let half = spare {
      spare = nil
      return half
    }
    let word = next()
    spare = UInt32(truncatingIfNeeded: word >> 32)
    return UInt32(truncatingIfNeeded: word)
  }

  /// Makes the whole state of a generator from one small integer.
  private enum SeedSequence {
    static func words(_ seed: UInt32) -> [UInt64] {
      var constant: UInt32 = 0x43b0_d7e5
      func hashed(_ value: UInt32) -> UInt32 {
        var value = value ^ constant
        constant &*= 0x931e_8875
        value &*= constant
        return value ^ value >> 16
      }
      func mixed(_ a: UInt32, _ b: UInt32) -> UInt32 {
        let value = 0xca01_f9dd &* a &- 0x4973_f715 &* b
        return value ^ value >> 16
      }
      var pool = [seed, 0, 0, 0].map(hashed)
      for source in pool.indices {
        for target in pool.indices where target != source { pool[target] = mixed(pool[target], hashed(pool[source])) }
      }
      var output: UInt32 = 0x8b51_f9dd
      let halves = (0..<8).map { index in
        var value = pool[index % 4] ^ output
        output &*= 0x58f3_8ded
        value &*= output
        return value ^ value >> 16
      }
      return stride(from: 0, to: 8, by: 2).map { UInt64(halves[$0]) | UInt64(halves[$0 + 1]) << 32 }
    }
  }
}
