import Base

/// All penalties on the kernels of a temporal frontend.
public enum AllKernelPenalties {
  public static let types: [any KernelPenalty.Type] = [
    LowFrequencyPower.self, LowFrequencyRatio.self, RecentPerKernel.self, RecentPooled.self, SoftDerivative.self,
  ]

  /// What `penalties` shows unless it is asked for others.
  public static let usual = [
    "lowfreq_ratio_fc15", "lowfreq_raw_fc15", "lowfreq_raw_fc15_n64", "recent_pooled_N1", "recent_pooled_N2",
    "recent_perkernel_N1", "recent_perkernel_N2", "derivative_soft",
  ]

  /// - Throws: `usage` for a name that no penalty has.
  public static func named(_ name: String, rateHz: Double) throws -> any KernelPenalty {
    for type in types {
      if let penalty = type.init(name, rateHz: rateHz) { return penalty }
    }
    throw Failure(
      .usage, "there is no penalty `\(name.shortened)`",
      hint: Suggestion.hint(for: name, among: usual) ?? "known: \(types.map { $0.form }.joined(separator: "; "))")
  }
}

/// A penalty on kernels with its weight in the loss.
public struct WeightedKernelPenalty: Sendable {
  public let name: String
  public let weight: Double
  let penalty: any KernelPenalty

  /// - Throws: as `AllKernelPenalties.named`; `usage` for a weight that is not a finite number above 0.
  public init(_ name: String, weight: Double, rateHz: Double) throws {
    guard weight.isFinite, weight > 0 else {
      throw Failure(.usage, "the weight of `\(name)` must be a number above 0, not \(NumberText.of(weight))")
    }
    self.name = name
    self.weight = weight
    penalty = try AllKernelPenalties.named(name, rateHz: rateHz)
  }
}
