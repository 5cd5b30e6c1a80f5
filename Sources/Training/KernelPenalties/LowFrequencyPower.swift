/// Power of the kernels below a frequency, summed over kernels.
public struct LowFrequencyPower: KernelPenalty {
  public static let form = "lowfreq_raw_fcHZ, with _nSIZE for a zero-padded transform"
  private let spectrum: KernelSpectrum

  public init?(_ name: String, rateHz: Double) {
    guard let spectrum = KernelSpectrum.named(name, kind: "raw", rateHz: rateHz) else { return nil }
    self.spectrum = spectrum
  }

  public var parameters: String { spectrum.text }

  public func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]]) {
    var value = 0.0
    let gradient = try kernels.map { kernel in
      let power = try spectrum.power(of: kernel)
      value += power.low
      return power.lowSlope.map { 2 * $0 }
    }
    return (value, gradient)
  }
}
