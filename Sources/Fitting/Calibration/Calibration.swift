import Base
import Metrics

/// rate = gain * rate + offset, in counts per bin.
public struct GainOffset: Sendable, Equatable {
  public var gain: Double
  public var offset: Double

  public init(gain: Double, offset: Double) {
    self.gain = gain
    self.offset = offset
  }

  /// The calibrated rate, in counts per bin.
  ///
  /// On bins that were not part of the fit a negative offset could push a rate below zero: there it is
  /// `Calibration.smallestRate`. Written so that a rate that is not a number stays one.
  public func applied(to rate: Float) -> Float {
    let scaled = gain * Double(rate) + offset
    return scaled < Calibration.smallestRate && offset != 0 ? Float(Calibration.smallestRate) : Float(scaled)
  }
}

/// A limit at which a fit of gain and offset can end.
public enum CalibrationLimit: String, Sendable, CaseIterable {
  /// The prediction does not help: no gain above 0 predicts the counts better than a constant rate.
  case gainIsZero = "gain at its limit 0: a constant rate fits best"
  /// A lower offset would make the lowest rate negative.
  case lowestRateIsZero = "offset at its limit: the lowest rate becomes 0"
}

/// What a calibration found for one cell.
///
/// `gain` and `offset` are fitted to all valid bins. `heldOut` of the calibration says what the scores refer to: each half of
/// the bins scored with the fit to the other half (`halves`), or all bins scored with the fit to them. All three
/// bits-per-spike columns refer to the same bins and the same null, the mean count over these bins. `CellRescaling` says
/// which fit is applied to which bin.
///
/// Units: offset in counts per bin, scores in bits per spike, `nllCalibrated` in nats per bin.
/// Undefined: nil, with `reason` set.
public struct CellCalibration: Sendable, Equatable {
  public var cid: CellID
  public var gain: Double?
  public var offset: Double?
  /// Bins per second; nil where they are not known.
  public var rateHz: Double?
  /// The rates as predicted.
  public var bitsPerSpike: Double?
  /// After the best pure gain: per cell, or the one gain of all cells in the global modes.
  public var bitsPerSpikeGain: Double?
  /// After what the mode allows.
  public var bitsPerSpikeCalibrated: Double?
  public var nllCalibrated: Double?
  /// Whether every fit behind these numbers reached the likelihood's optimum.
  public var converged: Bool?
  /// Why numbers are undefined.
  public var reason: String?
  /// The limit at which the fit to all bins ended; nil where it ended inside.
  public var limit: CalibrationLimit?
  /// From the Fisher information at the optimum; nil where the optimum lies on a boundary.
  public var gainStandardError: Double?
  public var offsetStandardError: Double?
  /// Fits to the first and to the second half of the bins; empty when fitted and scored on all bins.
  public var halves: [GainOffset]

  /// The offset in spikes per second.
  public var offsetHz: Double? { offset.flatMap { offset in rateHz.map { offset * $0 } } }

  /// Why numbers are undefined or, where they are defined, that the fit ended at a limit.
  public var remark: String? {
    reason ?? limit?.rawValue ?? (offset != nil && rateHz == nil ? Undefined.unknownRate.rawValue : nil)
  }

  public init(
    cid: CellID, gain: Double? = nil, offset: Double? = nil, bitsPerSpike: Double? = nil,
    bitsPerSpikeGain: Double? = nil, bitsPerSpikeCalibrated: Double? = nil, nllCalibrated: Double? = nil,
    converged: Bool? = nil, reason: String? = nil, gainStandardError: Double? = nil,
    offsetStandardError: Double? = nil, halves: [GainOffset] = []
  ) {
    self.cid = cid
    self.gain = gain
    self.offset = offset
    self.bitsPerSpike = bitsPerSpike
    self.bitsPerSpikeGain = bitsPerSpikeGain
    self.bitsPerSpikeCalibrated = bitsPerSpikeCalibrated
    self.nllCalibrated = nllCalibrated
    self.converged = converged
    self.reason = reason
    self.gainStandardError = gainStandardError
    self.offsetStandardError = offsetStandardError
    self.halves = halves
  }
}

/// Gain and offset of a set of cells, with the scores before and after.
public struct Calibration: Sendable, Equatable {
  /// The smallest rate that a calibration with an offset leaves, in counts per bin: the scores' own epsilon.
  public static let smallestRate = PoissonLikelihood.epsilon

  public var mode: CalibrationMode
  /// Whether the scores come from bins that were not fitted.
  public var heldOut: Bool
  public var cells: [CellCalibration]
  /// The numbers that all cells share in the global modes.
  public var shared: GainOffset?
  /// The half of each bin; all bins have the half 0 where they were fitted and scored at once.
  public var bins: BinHalves?
  /// Bins of a block of one half; nil where all bins were fitted at once.
  public var blockLength: Int?
  /// Whether all repeats of a frame are in the same half.
  public var isByPlace: Bool

  public init(
    mode: CalibrationMode, heldOut: Bool, cells: [CellCalibration], shared: GainOffset? = nil, bins: BinHalves? = nil,
    blockLength: Int? = nil, isByPlace: Bool = false
  ) {
    self.mode = mode
    self.heldOut = heldOut
    self.cells = cells
    self.shared = shared
    self.bins = bins
    self.blockLength = blockLength
    self.isByPlace = isByPlace
  }
}
