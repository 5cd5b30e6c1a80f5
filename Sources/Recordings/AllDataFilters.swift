import Base

/// All data filters that a recording's YAML can name.
package enum AllDataFilters {
  package static let types: [any DataFilter.Type] = [
    MissingPercentage.self,
    ValidLags.self,
  ]

  /// - Throws: `Failure(.unsupported)` for a filter that is not among them.
  package static func make(_ step: PipelineStep) throws -> any DataFilter {
    guard let type = types.first(where: { $0.name == step.name }) else {
      let names = types.map { $0.name }
      throw Failure(
        .unsupported, "\(step.place): unknown data filter `\(step.name.shortened)`",
        hint: Suggestion.hint(for: step.name, among: names) ?? "known: \(names.joined(separator: ", "))")
    }
    return try type.init(step)
  }
}
