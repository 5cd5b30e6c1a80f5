/// Share of each kernel's squared weight that lies on the first taps, summed over kernels.
public struct RecentPerKernel: KernelPenalty {
  public static let form = "recent_perkernel_NTAPS"
  private let recent: RecentTaps

  public init?(_ name: String, rateHz: Double) {
    guard let recent = RecentTaps(name, stem: "recent_perkernel_N") else { return nil }
    self.recent = recent
  }

  public var parameters: String { recent.text }

  public func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]]) {
    try recent.check(kernels)
    var value = 0.0
    let gradient = kernels.map { kernel in
      let whole = kernel.reduce(0) { $0 + $1 * $1 } + KernelPenaltyNumbers.epsilon
      let share = recent.weight(of: kernel) / whole
      value += share
      return recent.slope(of: kernel, share: share, whole: whole)
    }
    return (value, gradient)
  }
}
