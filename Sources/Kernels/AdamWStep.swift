import CKernels

/// One step of AdamW for the values of one parameter, in float32.
///
/// m = m + firstShare (g - m), v = secondKept v + secondShare g^2, x = kept x - size m / (sqrt(v) / correction + epsilon)
public struct AdamWStep: Sendable {
  public var firstShare: Float
  public var secondKept: Float
  public var secondShare: Float
  /// The share of a value that the decay leaves.
  public var kept: Float
  /// The learning rate, corrected for the first mean's start at 0.
  public var size: Float
  /// Of the second mean's root for its start at 0.
  public var correction: Float
  public var epsilon: Float

  public init(
    firstShare: Float, secondKept: Float, secondShare: Float, kept: Float, size: Float, correction: Float,
    epsilon: Float
  ) {
    self.firstShare = firstShare
    self.secondKept = secondKept
    self.secondShare = secondShare
    self.kept = kept
    self.size = size
    self.correction = correction
    self.epsilon = epsilon
  }

  /// Moves the values and both running means.
  ///
  /// - Precondition: as many gradients and means as values.
  public func apply(to values: inout [Float], gradient: [Float], first: inout [Float], second: inout [Float]) {
    precondition(gradient.count == values.count && first.count == values.count && second.count == values.count)
    var step = ck_adamw_step(
      first_share: firstShare, second_kept: secondKept, second_share: secondShare, kept: kept, size: size,
      correction: correction, epsilon: epsilon)
    values.withUnsafeMutableBufferPointer { x in
      first.withUnsafeMutableBufferPointer { m in
        second.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { g in
            guard let x = x.baseAddress, let m = m.baseAddress, let v = v.baseAddress, let g = g.baseAddress
            else { return }
            ck_adamw(x, g, m, v, gradient.count, &step)
          }
        }
      }
    }
  }
}
