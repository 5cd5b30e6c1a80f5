import Base

/// The first taps of a kernel, which read the newest frames.
struct RecentTaps: Sendable {
  let count: Int

  init?(_ name: String, stem: String) {
    guard let count = KernelPenaltyNumbers.count(KernelPenaltyNumbers.read(name, [stem])?.first) else { return nil }
    self.count = count
  }

  var text: String { count == 1 ? "tap 0" : "taps 0 to \(count - 1)" }

  /// - Throws: `mismatch` where a kernel has fewer taps.
  func check(_ kernels: [[Double]]) throws {
    guard let short = kernels.first(where: { $0.count < count }) else { return }
    throw Failure(.mismatch, "\(count) taps of a kernel that has \(short.count)")
  }

  /// Squared weight on these taps.
  func weight(of kernel: [Double]) -> Double { kernel.prefix(count).reduce(0) { $0 + $1 * $1 } }

  /// Gradient of the share weight / whole, where whole is the sum of squares that includes this kernel.
  func slope(of kernel: [Double], share: Double, whole: Double) -> [Double] {
    kernel.indices.map { 2 * kernel[$0] * (($0 < count ? 1 : 0) - share) / whole }
  }
}
