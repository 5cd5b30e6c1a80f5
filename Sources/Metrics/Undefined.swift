/// Why a score is undefined.
public enum Undefined: String, Error, Sendable, CaseIterable {
  case allMasked = "all bins masked"
  case notFinite = "prediction is not finite"
  case negativePrediction = "prediction is negative"
  case responseNotFinite = "more than a tenth of the valid bins can't be used"
  case negativeResponse = "response is negative"
  case unknownRate = "bins per second are not known"
  case notEvaluated = "not evaluated"
  case notCalibrated = "no calibration of this cell"
  case noSpikes = "no spikes"
  case constantPrediction = "constant prediction"
  case constantResponse = "constant response"
  case nullNotPositive = "null rate is not positive"
  case tooFewTrials = "too few trials"
  case tooFewBins = "too few bins"
  case tooFewValues = "too few values"
  case nonPositiveSignalPower = "signal power is not positive"
  case noRepeats = "stimulus does not repeat"
  case unreliableHalves = "halves of the trials do not correlate"
  case unreliableTrials = "trials do not correlate with the others"
  case zeroRateAtSpike = "prediction is 0 where spikes are"
  case flatMap = "map is flat at lag 0"
  case nothingToExplain = "the null explains every bin"

  /// The meaning in a sentence.
  public var explanation: String {
    switch self {
    case .allMasked: "The cell has no valid bin: the data filter or the split excludes all of them."
    case .notFinite:
      "The prediction is missing, NaN or infinite in a valid bin. Run `check` to inspect a twin's weights; in predictions made elsewhere, set `dfs` to 0 where there is no prediction."
    case .negativePrediction:
      "A predicted rate is below 0, which is impossible for counts: the output of the twin needs a nonlinearity."
    case .responseNotFinite:
      "More than a tenth of the cell's valid bins hold counts or mask values that can't be right (negative, infinite or not a number; a mask above 1): mask them, or look for the damage."
    case .negativeResponse: "An observed count in a valid bin is below 0: the recording is damaged."
    case .unknownRate:
      "Rates in Hz need the number of bins per second, which neither the file nor a YAML gives: open it with --rate HZ."
    case .notEvaluated: "The metric was not asked for."
    case .notCalibrated: "The calibration that was asked for has no gain and offset for this cell."
    case .noSpikes: "The cell is silent in the scored bins, so the score is undefined."
    case .constantPrediction: "The predicted rate does not vary, so it has no correlation: the readout may be dead."
    case .constantResponse: "The count is the same in every scored bin, so it has no correlation."
    case .nullNotPositive:
      "The constant rate to compare with is 0: the cell has no spikes in the trials that give this rate."
    case .tooFewTrials: "There are too few repeated trials to separate signal from noise."
    case .tooFewBins: "There are too few scored bins."
    case .tooFewValues: "There are too few defined values."
    case .nonPositiveSignalPower:
      "Trials agree no better than chance, so the estimated signal power is not above 0."
    case .noRepeats: "The recording has no repeated trials, so signal and noise can't be separated."
    case .unreliableHalves:
      "The mean responses of two halves of the trials do not correlate, so no signal can be estimated."
    case .unreliableTrials: "Single trials do not correlate with the mean of the others, so no signal can be estimated."
    case .zeroRateAtSpike: "A spike occurs where the predicted rate is exactly 0, which a Poisson model rules out."
    case .flatMap:
      "The receptive field has the same value at every pixel of lag 0, so there is no noise level for its peak."
    case .nothingToExplain: "A constant rate already predicts every count, so there is no deviance left to explain."
    }
  }
}
