/// Why a number has no value.
public enum Undefined: String, Error, Sendable, CaseIterable {
  case allMasked = "all bins masked"
  case notFinite = "prediction is not finite"
  case negativePrediction = "prediction is negative"
  case responseNotFinite = "response is not finite"
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

  /// What it means, in a sentence.
  public var explanation: String {
    switch self {
    case .allMasked: "No bin counts: the data filter or the split leaves the cell nothing to be scored on."
    case .notFinite: "The twin predicts NaN or infinity for some valid bin: look at its weights with `check`."
    case .negativePrediction:
      "Some predicted rate is below 0, and no count has such a rate: the output needs a nonlinearity."
    case .responseNotFinite: "Some observed count is NaN or infinite in a valid bin: the recording itself is damaged."
    case .negativeResponse: "Some observed count is below 0 in a valid bin: the recording itself is damaged."
    case .unknownRate: "Counts can't be turned into Hz: neither the file nor a YAML says how many bins a second has."
    case .notEvaluated: "The metric was not asked for."
    case .notCalibrated: "The calibration that was asked for has no gain and offset for this cell."
    case .noSpikes: "The cell is silent in the scored bins, so there is nothing to be told."
    case .constantPrediction: "The prediction does not vary, so it correlates with nothing: the readout may be dead."
    case .constantResponse: "The count is the same in every scored bin, so nothing correlates with it."
    case .nullNotPositive:
      "The constant rate to be compared with is 0: the cell has no spikes where that rate is taken from."
    case .tooFewTrials: "There are not enough repeated trials to tell signal from noise."
    case .tooFewBins: "There are not enough scored bins."
    case .tooFewValues: "There are not enough values that are defined."
    case .nonPositiveSignalPower:
      "Trials agree no better than chance, so the estimate of the part that repeats is not above 0."
    case .noRepeats: "The recording tells no trials that show the same frames, so signal and noise can't be told apart."
    case .unreliableHalves:
      "The mean responses of two halves of the trials do not correlate: there is no signal to be found."
    case .unreliableTrials: "No trial is told by the others: there is no signal to be found."
    case .zeroRateAtSpike: "A spike fell where the predicted rate is exactly 0, which a Poisson model calls impossible."
    case .flatMap: "The receptive field is the same at every pixel of lag 0: no spread to measure its peak by."
    case .nothingToExplain: "A constant rate tells every count already, so there is no deviance left to explain."
    }
  }
}
