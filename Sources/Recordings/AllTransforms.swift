import Base

/// All transforms that a recording's YAML can name.
package enum AllTransforms {
  package static let types: [any Transform.Type] = [
    Cast.self,
    ConeAdaptation.self,
    Difference.self,
    FourierWhitening.self,
    GaussianSmoothing.self,
    MaxNorm.self,
    PixelNorm.self,
    RaisedCosineBasis.self,
    Scaling.self,
    SelectUnits.self,
    SplitRectification.self,
    SymmetricLog.self,
    Unsqueeze.self,
  ]

  /// - Throws: `Failure(.unsupported)` for a transform that is not among them.
  package static func make(_ step: PipelineStep) throws -> any Transform {
    guard let type = types.first(where: { $0.name == step.name }) else {
      let names = types.map { $0.name }
      throw Failure(
        .unsupported, "\(step.place): unknown transform `\(step.name.shortened)`",
        hint: Suggestion.hint(for: step.name, among: names) ?? "known: \(names.joined(separator: ", "))")
    }
    return try type.init(step)
  }
}
