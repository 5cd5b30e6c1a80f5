/// Why a number has no value.
public enum Undefined: String, Error, Sendable, CaseIterable {
  case allMasked = "all bins masked"
  case notFinite = "prediction is not finite"
  case negativePrediction = "prediction is negative"
  case responseNotFinite = "response is not finite"
  case unknownRate = "bins per second are not known"
  case notCalibrated = "no calibration of this cell"
  case noSpikes = "no spikes"
  case constantPrediction = "constant prediction"
  case constantResponse = "constant response"
  case nullNotPositive = "null rate is not positive"
  case tooFewTrials = "too few trials"
  case tooFewBins = "too few bins"
  case tooFewValues = "too few values"
  case nonPositiveSignalPower = "signal power is not positive"
}
