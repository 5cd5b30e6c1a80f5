import Base
import Layers

/// The Gaussian readout of one cell, as a twin stores it.
///
/// Units: means and widths in pixels of the feature map from its centre, y down; theta in radians.
public struct CellReadout: Sendable, Equatable {
  /// One weight a channel.
  public var features: [Float]
  public var meanY: Float
  public var meanX: Float
  public var stdY: Float
  public var stdX: Float
  public var theta: Float
  public var bias: Float
  /// Masked mean of r - y ln(r + 1e-8) over the training rows, without penalty, nats per bin. NaN without valid bins.
  public var nllTrain: Double
  /// The same over the validation rows; nil where they hold no valid bin.
  public var nllVal: Double?
  /// Against the validation rows' own mean; nil without spikes there.
  public var bitsPerSpikeVal: Double?
  /// Against the training rows' own mean; nil without spikes there.
  public var bitsPerSpikeTrain: Double?
  /// Pearson's correlation of rates and counts over the training and the validation rows; nil where either is constant.
  public var correlationTrain: Double?
  public var correlationVal: Double?
  /// Whether the best start came to rest before `maxIterations`.
  public var converged: Bool
  /// Difference of the highest and the lowest loss at which its starts ended, nats per bin; nil with one start.
  public var spread: Double?
  /// What the fit minimised, penalties included, where it ended; nil where nothing was fitted.
  public var objective: Double?
  /// The penalty that the fit had; nil where nothing was fitted.
  public var l2: Double?
  /// Of centre, widths and angle; nil where they are not known.
  public var errors: ReadoutErrors?
  /// Why the readout is the constant rate, where it is.
  public var reason: String?

  public init(
    features: [Float], meanY: Float, meanX: Float, stdY: Float, stdX: Float, theta: Float, bias: Float,
    nllTrain: Double = .nan, nllVal: Double? = nil, bitsPerSpikeVal: Double? = nil, converged: Bool = false,
    reason: String? = nil
  ) {
    self.features = features
    self.meanY = meanY
    self.meanX = meanX
    self.stdY = stdY
    self.stdX = stdX
    self.theta = theta
    self.bias = bias
    self.nllTrain = nllTrain
    self.nllVal = nllVal
    self.bitsPerSpikeVal = bitsPerSpikeVal
    self.converged = converged
    self.reason = reason
  }
}

extension CellReadout {
  /// Each cell's readout; a readout without bias has 0 there.
  public static func cells(of readout: GaussianReadout) -> [CellReadout] {
    (0..<readout.cellCount).map { cell in
      CellReadout(
        features: Array(readout.features[cell * readout.channels..<(cell + 1) * readout.channels]),
        meanY: readout.mean[2 * cell], meanX: readout.mean[2 * cell + 1], stdY: readout.std[2 * cell],
        stdX: readout.std[2 * cell + 1], theta: readout.theta[cell], bias: readout.bias?[cell] ?? 0)
    }
  }
}

extension GaussianReadout {
  /// The readout of all `cells`, with bias.
  public init(_ cells: [CellReadout]) {
    self.init(
      features: cells.flatMap(\.features), mean: cells.flatMap { [$0.meanY, $0.meanX] },
      std: cells.flatMap { [$0.stdY, $0.stdX] }, theta: cells.map(\.theta), bias: cells.map(\.bias),
      channels: cells.first?.features.count ?? 0)
  }
}
