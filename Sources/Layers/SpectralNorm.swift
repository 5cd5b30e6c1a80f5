import Kernels

/// A weight divided by its largest singular value, as estimated by u . (W v).
///
/// Prediction uses the stored u and v. Each pass in training first makes one power iteration, v = W^T u, u = W v (each to
/// length 1), and stores it; the gradient takes u and v for constants.
///
/// - Shapes: weight `[out, in]`, u `[out]`, v `[in]`
/// - Source: Miyato et al. 2018, as torch.nn.utils.spectral_norm does it (SEMANTICS 12 and 20)
struct SpectralNorm: Sendable {
  let original: Parameter
  private let u: Parameter
  private let v: Parameter
  /// The weight that predictions use; empty while not loaded.
  let effective: [Float]

  private static let smallestLength: Float = 1e-12

  init(_ weights: Weights, rows: Int, columns: Int) throws {
    original = try weights.parameter("weight_orig", [rows, columns], start: .weight([rows, columns]))
    u = try weights.parameter("weight_u", [rows], start: .direction, isBuffer: true)
    v = try weights.parameter("weight_v", [columns], start: .direction, isBuffer: true)
    effective =
      weights.loads ? Self.divided(original.values, by: Self.size(original.values, u.values, v.values)) : []
  }

  var tensors: [StoredTensor] { [original, u, v].map(\.stored) }

  /// `map` with this weight on rows, and the way back to the stored one.
  func traced(
    _ rows: [Float], _ map: LinearMap, _ pass: Pass
  ) -> (output: [Float], pullback: ([Float]) -> [Float]) {
    var (left, right) = (u.values, v.values)
    if pass.trains {
      right = Self.unit(Self.product(original.values, left, transpose: true))
      left = Self.unit(Self.product(original.values, right, transpose: false))
      pass.update(u, to: left)
      pass.update(v, to: right)
    }
    let size = Self.size(original.values, left, right)
    let weight = Parameter(stored: original.stored, values: Self.divided(original.values, by: size))
    return LinearMap(weight, map.bias, outputs: map.outputs, inputs: map.inputs).traced(rows, pass) { gradient in
      let product = Float(Reduction.dot(gradient, weight.values)) / size
      var out = Self.divided(gradient, by: size)
      for row in left.indices {
        for column in right.indices { out[row * right.count + column] -= product * left[row] * right[column] }
      }
      return out
    }
  }

  private static func product(_ matrix: [Float], _ vector: [Float], transpose: Bool) -> [Float] {
    let other = matrix.count / max(1, vector.count)
    var out = [Float](repeating: 0, count: other)
    BLAS.sgemv(
      rows: transpose ? vector.count : other, columns: transpose ? other : vector.count, a: matrix,
      transpose: transpose, x: vector, y: &out)
    return out
  }

  private static func unit(_ vector: [Float]) -> [Float] {
    divided(vector, by: max(Float(Reduction.sumOfSquares(vector).squareRoot()), smallestLength))
  }

  /// u . (W v)
  private static func size(_ matrix: [Float], _ u: [Float], _ v: [Float]) -> Float {
    Float(Reduction.dot(u, product(matrix, v, transpose: false)))
  }

  private static func divided(_ values: [Float], by divisor: Float) -> [Float] { values.map { $0 / divisor } }
}
