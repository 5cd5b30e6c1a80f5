import Base
import Kernels

/// y = W x + b.
///
/// - Shapes: `[in]` -> `[out]`; traced `[row, in]` -> `[row, out]`; weight `[out, in]`, bias `[out]`
struct LinearMap: Sendable {
  let weight: Parameter
  let bias: Parameter?
  let outputs: Int
  let inputs: Int

  /// - Parameter weight: may have further axes of size 1.
  init(_ weight: Parameter, _ bias: Parameter?, outputs: Int, inputs: Int) {
    self.weight = weight
    self.bias = bias
    self.outputs = outputs
    self.inputs = inputs
  }

  var tensors: [StoredTensor] { [weight, bias].compactMap(\.?.stored) }

  func callAsFunction(_ input: [Float]) -> [Float] {
    var out = bias?.values ?? [Float](repeating: 0, count: outputs)
    BLAS.sgemv(rows: outputs, columns: inputs, a: weight.values, x: input, beta: 1, y: &out)
    return out
  }

  /// Rows one below the other; the pullback adds to the gradients of weight and bias.
  ///
  /// - Parameter stored: from the gradient of the weight to that of the tensor that it is made from.
  func traced(
    _ rows: [Float], _ pass: Pass, _ stored: @escaping ([Float]) -> [Float] = { $0 }
  ) -> (output: [Float], pullback: ([Float]) -> [Float]) {
    let count = rows.count / inputs
    var out = [Float](repeating: 0, count: count * outputs)
    if let bias { for row in 0..<count { out.replaceSubrange(row * outputs..<(row + 1) * outputs, with: bias.values) } }
    BLAS.sgemm(m: count, n: outputs, k: inputs, a: rows, b: weight.values, transposeB: true, beta: 1, c: &out)
    return (
      out,
      { gradient in
        var matrix = [Float](repeating: 0, count: outputs * inputs)
        BLAS.sgemm(
          m: outputs, n: inputs, k: count, a: gradient, lda: outputs, transposeA: true, b: rows, c: &matrix)
        pass.add(stored(matrix), to: weight)
        pass.add(
          (0..<outputs).map { column in
            Float((0..<count).reduce(0.0) { $0 + Double(gradient[$1 * outputs + column]) })
          }, to: bias)
        var input = [Float](repeating: 0, count: rows.count)
        BLAS.sgemm(m: count, n: inputs, k: outputs, a: gradient, b: weight.values, c: &input)
        return input
      }
    )
  }
}
