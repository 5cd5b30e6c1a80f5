import Base
import Kernels

extension CellReadout {
  /// Rates of this readout on rows of a core's features, in counts per bin.
  ///
  /// - Throws: what reading the features throws.
  package func rates(on features: any FeatureSource, rows: [Int]) throws -> [Float] {
    let parameters = ReadoutParameters(self)
    let pixels = features.height * features.width
    let mask = parameters.mask.values(height: features.height, width: features.width).map { Float($0) }
    var rates: [Float] = []
    rates.reserveCapacity(rows.count)
    var blocks = FeatureBlocks(features, rows: rows, memoryLimit: 0)
    try blocks.visit { block in
      var pooled = [Float](repeating: 0, count: block.count * features.channels)
      BLAS.sgemv(rows: pooled.count, columns: pixels, a: block.features, x: mask, y: &pooled)
      for row in 0..<block.count {
        var drive = parameters.bias
        for (channel, weight) in parameters.weights.enumerated() {
          drive += weight * Double(pooled[row * features.channels + channel])
        }
        rates.append(Float(Softplus.value(drive)))
      }
    }
    return rates
  }
}
