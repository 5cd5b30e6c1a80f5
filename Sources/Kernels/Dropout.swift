/// Random factors that follow from a key and a place alone, whatever was drawn before.
public enum Dropout {
  /// 0 with probability `rate`, else 1 / (1 - rate).
  ///
  /// - Precondition: `rate` from 0 to 1.
  /// - Source: SplitMix64 (Steele, Lea & Flood 2014) on a counter
  public static func factors(count: Int, rate: Double, key: UInt64) -> [Float] {
    precondition(rate >= 0 && rate <= 1)
    let limit = rate * 0x1p53
    let kept = rate < 1 ? Float(1 / (1 - rate)) : 0
    return (0..<count).map { index in
      var bits = key &+ UInt64(index + 1) &* 0x9e37_79b9_7f4a_7c15
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      bits ^= bits >> 31
      return Double(bits >> 11) < limit ? 0 : kept
    }
  }
}
