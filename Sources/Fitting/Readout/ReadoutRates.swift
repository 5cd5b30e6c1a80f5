import Base
import Kernels

extension CellReadout {
  /// Rates of readouts on rows of a core's features, in counts per bin; the features are read once for all of them.
  ///
  /// - Shapes: `[readout][row]`
  /// - Parameter model: what the twin does around the readouts.
  /// - Throws: what reading the features throws; `Failure.interrupted`.
  package static func rates(
    of readouts: [CellReadout], on features: any FeatureSource, rows: [Int], model: ReadoutModel = ReadoutModel(),
    work: Work = .silent
  ) throws -> [[Float]] {
    let parameters = readouts.map { ReadoutParameters($0) }
    let pixels = features.height * features.width
    let count = readouts.count
    // [pixel, readout]
    var masks = [Float](repeating: 0, count: pixels * count)
    for (index, readout) in parameters.enumerated() {
      let values = readout.mask.values(height: features.height, width: features.width)
      for pixel in 0..<pixels { masks[pixel * count + index] = Float(values[pixel]) }
    }
    var rates = [[Float]](repeating: [], count: count)
    var blocks = FeatureBlocks(features, rows: rows, memoryLimit: 0)
    try blocks.visit { block in
      try work.cancellation.check()
      // [row, channel, readout]
      var pooled = [Float](repeating: 0, count: block.count * features.channels * count)
      BLAS.sgemm(
        m: block.count * features.channels, n: count, k: pixels, a: block.features, aOffset: block.offset, b: masks,
        c: &pooled)
      for (index, readout) in parameters.enumerated() {
        let baseline = model.baselines.isEmpty ? 0 : model.baselines[index]
        for row in 0..<block.count {
          var preActivation = readout.bias
          for (channel, weight) in readout.weights.enumerated() {
            preActivation += weight * Double(pooled[(row * features.channels + channel) * count + index])
          }
          if let history = model.history {
            preActivation += Double(history.values[rows[block.start + row] * count + index])
          }
          rates[index].append(Float(model.rates.rate(preActivation, baseline: baseline)))
        }
      }
    }
    return rates
  }
}
