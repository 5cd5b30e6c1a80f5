import Base
import Kernels

extension ReadoutObjective {
  /// Gradient of a weighted sum of the readouts' Poisson losses by the features of some rows.
  ///
  /// - Parameters:
  ///   - factors: of each readout's summed loss.
  ///   - rows: of each row of `features`, its place among the objective's rows.
  /// - Shapes: features and result `[row, channel, height, width]`
  package func featureGradient(_ items: [Item], factors: [Double], features: Tensor, rows: [Int]) -> Tensor {
    let pixels = height * width
    let count = items.count
    let masks = items.flatMap { $0.parameters.mask.values(height: height, width: width).map { Float($0) } }
    // [item, row, channel]
    var pooled = Elementwise.unfilled(count * rows.count * channels)
    BLAS.sgemm(
      m: count, n: rows.count * channels, k: pixels, a: masks, b: features.values, transposeB: true, c: &pooled)
    // [row, item, channel]: weights times d loss / d output.
    var scaled = [Float](repeating: 0, count: rows.count * count * channels)
    for (place, item) in items.enumerated() {
      let weights = Array(item.parameters.weights)
      let valid = rows.indices.filter { mask[item.cell][rows[$0]] > 0 }
      let outputs = valid.map { row in
        var output = item.parameters.bias
        for channel in 0..<channels {
          output += weights[channel] * Double(pooled[(place * rows.count + row) * channels + channel])
        }
        return offsets.isEmpty ? output : output + Double(offsets[item.cell][rows[row]])
      }
      let terms = self.rates.terms(
        outputs, counts: valid.map { Double(counts[item.cell][rows[$0]]) },
        baseline: baselines.isEmpty ? 0 : baselines[item.cell])
      for (row, term) in zip(valid, terms) {
        let factor = factors[place] * Double(mask[item.cell][rows[row]]) * term.residual
        for channel in 0..<channels {
          scaled[(row * count + place) * channels + channel] = Float(factor * weights[channel])
        }
      }
    }
    var gradient = Elementwise.unfilled(rows.count * channels * pixels)
    for row in rows.indices {
      BLAS.sgemm(
        m: channels, n: pixels, k: count, a: scaled, aOffset: row * count * channels, lda: channels, transposeA: true,
        b: masks, c: &gradient, cOffset: row * channels * pixels)
    }
    return Tensor(shape: features.shape, values: gradient)
  }
}
