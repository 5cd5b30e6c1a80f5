import Kernels
import Layers

extension Gradients {
  /// Euclidean norm over all values of `names`, in their order.
  public func norm(of names: [String]) -> Double {
    var sum = 0.0
    for name in names {
      guard let tensor = self[name] else { continue }
      // A sum in float64 for each tensor first: what a tensor adds does not depend on the others.
      sum += Reduction.sumOfSquares(tensor.values)
    }
    return sum.squareRoot()
  }

  /// The factor that scales a gradient of this norm down to at most `limit`: min(1, limit / (norm + 1e-6)), as PyTorch clips.
  static func clipFactor(norm: Double, limit: Double?) -> Float {
    guard let limit else { return 1 }
    return Float(min(1, limit / (norm + 1e-6)))
  }
}
