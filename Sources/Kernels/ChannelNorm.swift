import CKernels

/// Normalisation over channels at every position.
///
/// Shapes: `[time, channel, position]`, in place.
public enum ChannelNorm {
  /// x / sqrt(mean_c x^2 + eps) gamma + beta.
  public static func rms(
    _ values: inout [Float], channels: Int, positions: Int, eps: Float, gamma: [Float]?, beta: [Float]?
  ) {
    precondition((gamma?.count ?? channels) == channels && (beta?.count ?? channels) == channels)
    forEachFrame(&values, channels * positions) { frame in
      ck_rms_norm(frame, frame, channels, positions, eps, gamma, beta)
    }
  }

  /// (x - mean_c x) / sqrt(mean_c x^2 - (mean_c x)^2 + eps).
  public static func layer(_ values: inout [Float], channels: Int, positions: Int, eps: Float) {
    forEachFrame(&values, channels * positions) { ck_layer_norm($0, $0, channels, positions, eps) }
  }

  /// The way back of `rms`: `gradient` becomes that of `values`.
  ///
  /// - Returns: the gradients of gamma and beta.
  public static func rmsPullback(
    _ values: [Float], _ gradient: inout [Float], channels: Int, positions: Int, eps: Float, gamma: [Float]?
  ) -> (gamma: [Float], beta: [Float]) {
    precondition(values.count == gradient.count && (gamma?.count ?? channels) == channels)
    var scale = [Double](repeating: 0, count: channels)
    var shift = scale
    values.withUnsafeBufferPointer { values in
      guard let x = values.baseAddress else { return }
      var frame = 0
      forEachFrame(&gradient, channels * positions) {
        ck_rms_norm_gradient(x + frame, $0, channels, positions, eps, gamma, &scale, &shift)
        frame += channels * positions
      }
    }
    return (scale.map { Float($0) }, shift.map { Float($0) })
  }

  /// The way back of `layer`: `gradient` becomes that of `values`.
  public static func layerPullback(
    _ values: [Float], _ gradient: inout [Float], channels: Int, positions: Int, eps: Float
  ) {
    precondition(values.count == gradient.count)
    values.withUnsafeBufferPointer { values in
      guard let x = values.baseAddress else { return }
      var frame = 0
      forEachFrame(&gradient, channels * positions) {
        ck_layer_norm_gradient(x + frame, $0, channels, positions, eps)
        frame += channels * positions
      }
    }
  }

  private static func forEachFrame(
    _ values: inout [Float], _ size: Int, _ body: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard size > 0 else { return }
    precondition(values.count % size == 0, "\(values.count) values are not a whole number of frames of \(size)")
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for start in stride(from: 0, to: buffer.count, by: size) { body(base + start) }
    }
  }
}
