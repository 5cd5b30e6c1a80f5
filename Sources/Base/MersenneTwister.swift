import Foundation

/// MT19937, as `torch.manual_seed` and `torch.randperm` use it on the CPU.
///
/// Source: Matsumoto and Nishimura 1998; seeding by one integer as in the reference implementation of 2002.
public struct MersenneTwister: RandomNumberGenerator, Sendable {
  private var state: [UInt32]
  private var index = 624

  public init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(624)
    for i in 1..<624 {
      let last = state[i - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(i))
    }
  }

  public mutating func nextWord() -> UInt32 {
    if index == 624 { regenerate() }
    var y = state[index]
    index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    y ^= y >> 18
    return y
  }

  public mutating func next() -> UInt64 { UInt64(nextWord()) << 32 | UInt64(nextWord()) }

  /// The permutation of `torch.randperm(count)`: Fisher-Yates from the front, each draw one word modulo the positions
  /// that are left.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in 0..<max(0, count - 1) {
      order.swapAt(i, i + Int(nextWord()) % (count - i))
    }
    return order
  }

  /// Uniform in [0, 1).
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal (Box-Muller).
  public mutating func normal() -> Double {
    let u = 1 - uniform()
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * uniform())
  }

  private mutating func regenerate() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7fff_ffff)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    index = 0
  }
}
