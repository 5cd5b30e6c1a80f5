import Base
import Foundation
import Kernels

/// The free numbers of one cell's readout as a vector: feature weights, bias, meanY, meanX, ln stdY, ln stdX, theta.
package struct ReadoutParameters: Sendable, Equatable {
  /// Numbers beside the feature weights.
  package static let extraCount = 6

  package let channels: Int
  package var vector: [Double]

  package init(channels: Int, vector: [Double]) {
    precondition(vector.count == channels + Self.extraCount)
    self.channels = channels
    self.vector = vector
  }

  package init(weights: [Double], bias: Double, mask: GaussianMask) {
    channels = weights.count
    vector = weights + [bias, mask.meanY, mask.meanX, log(mask.stdY), log(mask.stdX), mask.theta]
  }

  package init(_ readout: CellReadout) {
    self.init(
      weights: readout.features.map(Double.init), bias: Double(readout.bias),
      mask: GaussianMask(
        meanY: Double(readout.meanY), meanX: Double(readout.meanX), stdY: Double(readout.stdY),
        stdX: Double(readout.stdX), theta: Double(readout.theta)))
  }

  /// The weights and bias of a readout under another mask.
  package init(_ readout: CellReadout, mask: GaussianMask) {
    self.init(weights: readout.features.map(Double.init), bias: Double(readout.bias), mask: mask)
  }

  package var weights: ArraySlice<Double> { vector[..<channels] }
  package var bias: Double { vector[channels] }
  package var mask: GaussianMask {
    GaussianMask(
      meanY: vector[channels + 1], meanX: vector[channels + 2], stdY: exp(vector[channels + 3]),
      stdX: exp(vector[channels + 4]), theta: vector[channels + 5])
  }

  /// The readout in float32, its angle in [-pi/2, pi/2): the mask is the same after half a turn.
  package var readout: CellReadout {
    let mask = mask
    let turns = ((mask.theta + .pi / 2) / .pi).rounded(.down)
    return CellReadout(
      features: weights.map { Float($0) }, meanY: Float(mask.meanY), meanX: Float(mask.meanX), stdY: Float(mask.stdY),
      stdX: Float(mask.stdX), theta: Float(mask.theta - turns * .pi), bias: Float(bias))
  }

  /// Where the numbers may lie: centres on the map (to the outer edges of its pixels), widths between a tenth of a pixel,
  /// below which a mask is a single pixel, and the size of the map; everything else is free.
  ///
  /// - Parameter largestStd: widths end there.
  package static func bounds(
    channels: Int, height: Int, width: Int, largestStd: Double? = nil
  ) -> [ClosedRange<Double>] {
    let free = -Double.infinity...Double.infinity
    let widths = log(smallestStd)...log(max(smallestStd, min(largestStd ?? .infinity, Double(max(height, width)))))
    let y = Double(height) / 2
    let x = Double(width) / 2
    return [ClosedRange<Double>](repeating: free, count: channels + 1) + [-y...y, -x...x, widths, widths, free]
  }

  package static let smallestStd = 0.1

  /// A mask that weighs all pixels alike, to twelve digits: what a linear readout has.
  package static let uniformMask = GaussianMask(meanY: 0, meanX: 0, stdY: 1e6, stdX: 1e6, theta: 0)

  /// Numbers that change by steps whose last is a shear of the mask, not a turn: `GaussianMask.reshaped`.
  package static func shearing(channels: Int) -> Retraction {
    Retraction { numbers, step in
      let (y, x, theta) = (channels + 3, channels + 4, channels + 5)
      var moved = zip(numbers, step).map { $0 + $1 }
      moved[theta] = numbers[theta]
      guard step[theta] != 0 else { return moved }
      let mask = ReadoutParameters(channels: channels, vector: numbers).mask
      let shape = mask.reshaped(byY: step[y], x: step[x], shear: step[theta])
      (moved[y], moved[x], moved[theta]) = (shape.y, shape.x, shape.theta)
      return moved
    }
  }

  /// Logarithm of stdY over that of stdX: a shear over it is a turn.
  package var elongation: Double { vector[channels + 3] - vector[channels + 4] }

  /// The longest step that is taken at once: beyond it the Fisher information does not describe the mask.
  package static func stepLimits(channels: Int, height: Int, width: Int) -> [Double] {
    let shift = max(1, Double(max(height, width)) / 4)
    return [Double](repeating: .infinity, count: channels + 1) + [shift, shift, 0.7, 0.7, 0.8]
  }
}

extension CellReadout {
  /// Each cell's linear readout, which averages the map: its mask weighs all pixels alike.
  ///
  /// - Parameter weights: `[cell, channel]`
  package static func averaging(weights: Tensor, bias: [Float]?) -> [CellReadout] {
    (0..<weights.shape[0]).map { cell in
      ReadoutParameters(
        weights: weights[row: cell].values.map(Double.init), bias: Double(bias?[cell] ?? 0),
        mask: ReadoutParameters.uniformMask
      ).readout
    }
  }
}
