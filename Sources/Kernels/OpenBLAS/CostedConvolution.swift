/// A convolution by one method.
protocol CostedConvolution: FrameConvolution {
  /// Multiply-adds, weighted by what they take here; nil where the method does not fit.
  func cost(_ call: ConvolutionCall) -> Double?
}

/// Costs in multiply-adds of a product of few channels.
enum ConvolutionCost {
  /// Of a copied value, where rows are short.
  static let copy = 4.5
  /// Of a multiply-add in registers.
  static let register = 0.55
}
