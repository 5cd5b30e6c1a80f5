/// Share of each kernel's power that lies below a frequency, summed over kernels.
public struct LowFrequencyRatio: KernelPenalty {
  public static let form = "lowfreq_ratio_fcHZ, with _nSIZE for a zero-padded transform"
  private let spectrum: KernelSpectrum

  public init?(_ name: String, rateHz: Double) {
    guard let spectrum = KernelSpectrum.named(name, kind: "ratio", rateHz: rateHz) else { return nil }
    self.spectrum = spectrum
  }

  public var parameters: String { spectrum.text }

  public func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]]) {
    var value = 0.0
    let gradient = try kernels.map { kernel in
      let power = try spectrum.power(of: kernel)
      let whole = power.all + KernelPenaltyNumbers.epsilon
      let share = power.low / whole
      value += share
      return kernel.indices.map { 2 * (power.lowSlope[$0] - share * power.allSlope[$0]) / whole }
    }
    return (value, gradient)
  }
}
