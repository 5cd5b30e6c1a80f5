/// One entry of the YAML's `transforms`: the steps that make covariate `target` from `source`.
public struct TransformEntry: Sendable, Equatable {
  public var name: String
  public var source: String
  public var target: String
  public var steps: [PipelineStep]
  /// Whether the result is joined with the other entries of the same target on the last axis, instead of replacing it.
  public var concatenates: Bool

  public init(
    _ name: String, source: String? = nil, target: String? = nil, steps: [PipelineStep], concatenates: Bool = false
  ) {
    self.name = name
    self.source = source ?? name
    self.target = target ?? name
    self.steps = steps
    self.concatenates = concatenates
  }

  /// The stimulus's transforms where no YAML gives any.
  public static let standardStimulus = TransformEntry("stim", steps: [PipelineStep(PixelNorm.name)])
}
