/// Share of the squared weight of all kernels together that lies on the first taps.
public struct RecentPooled: KernelPenalty {
  public static let form = "recent_pooled_NTAPS"
  private let recent: RecentTaps

  public init?(_ name: String, rateHz: Double) {
    guard let recent = RecentTaps(name, stem: "recent_pooled_N") else { return nil }
    self.recent = recent
  }

  public var parameters: String { recent.text }

  public func penalty(_ kernels: [[Double]]) throws -> (value: Double, gradient: [[Double]]) {
    try recent.check(kernels)
    let weight = kernels.reduce(0) { $0 + recent.weight(of: $1) }
    let whole = kernels.joined().reduce(0) { $0 + $1 * $1 } + KernelPenaltyNumbers.epsilon
    return (weight / whole, kernels.map { recent.slope(of: $0, share: weight / whole, whole: whole) })
  }
}
