import Base
import Formats
import Training
import Twin

/// Why an edited arm goes exactly as the control.
struct NoEffect {
  private let control: SideBySide.Arm
  private let edited: SideBySide.Arm
  /// The tensors of an arm that has none of its own.
  private let source: any ArraySource
  private let trainedNames: [String]

  /// Ends of options that say how tensors start.
  private static let starts = [
    "init_type", "init_params", "init_sigma", "init_scale", "initial_std", "initial_mean_scale", "init_value",
  ]
  private static let kernelOptions = ["frontend.params.tap_mask", "frontend.params.zero_sum"]

  init(_ edited: SideBySide.Arm, beside control: SideBySide.Arm, source: any ArraySource, trainedNames: [String]) {
    (self.edited, self.control, self.source, self.trainedNames) = (edited, control, source, trainedNames)
  }

  /// One for each option; none where it is not known.
  ///
  /// - Throws: what building the layers throws.
  var reasons: [String] {
    get throws {
      let rows = ConfigurationComparison(control.architecture, edited.architecture).rows
      // An empty map that got its first option is named by the option.
      var found = try rows.filter { row in !rows.contains { $0.path.hasPrefix(row.path + ".") } }.map(reason)
      if rows.isEmpty, hasSameSettings {
        found.append(
          edited.name.hasPrefix("kernels ")
            ? "the kernels that act stay as they are" : "the twin has this value already")
      }
      if let filters = edited.architecture.frontendFilters, let kernels = try kernels(of: edited) {
        for term in edited.settings.kernelPenalties where try term.isIdle(on: kernels, factors: filters.factors) {
          found.append("the penalty \(term.name) has the same value for all kernels of this frontend")
        }
      }
      return found
    }
  }

  private var hasSameSettings: Bool {
    let (own, other) = (edited.settings, control.settings)
    return own.objective.rateWeight == other.objective.rateWeight
      && own.objective.correlation == other.objective.correlation && own.kernelPenalties.isEmpty && !own.zeroSumKernels
  }

  private func reason(_ row: ConfigurationComparison.Row) throws -> String {
    let name = "`\(row.path)`"
    if row.path.hasPrefix("regularization") { return try regularisation(row.path) }
    if let option = edited.architecture.ineffectiveOptions.first(where: { $0.path == row.path }) {
      return "\(name): \(option.why)"
    }
    if Self.starts.contains(where: { row.path.hasSuffix("." + $0) }) {
      return "\(name) says how tensors start: it acts in `new` alone, and this twin has its tensors"
    }
    if !isRead(row.path) { return "\(name): no part of the forward pass reads it" }
    let isOff = ["0", "false", "null"].contains(row.b ?? "null")
    if row.path.hasSuffix("_mask"), isOff { return "\(name): a mask of 0 masks nothing" }
    if Self.kernelOptions.contains(row.path), try kernels(of: control) == kernels(of: edited) {
      return row.path.hasSuffix("tap_mask")
        ? "\(name): the masked taps are 0 already, by the window or by the weights"
        : "\(name): the kernels that act stay as they are"
    }
    guard let before = row.a else { return "\(name): \(row.b ?? "null") is what the twin does without it" }
    return "\(name): outputs and gradients are the same with \(row.b ?? "null") as with \(before)"
  }

  /// An entry of the model's `regularization`, by its path.
  private func regularisation(_ path: String) throws -> String {
    let parts = path.split(separator: ".")
    let terms = try Regularisation(edited.architecture.configuration["regularization"]).terms
    guard parts.count > 1, let place = Int(parts[1]), terms.indices.contains(place) else {
      return "`\(path)`: the entry has no weight in the first epoch"
    }
    let term = terms[place]
    if term.fullWeight == 0 { return "`\(path)`: `\(term.name)` has the weight 0" }
    if term.weight(epoch: 0) == 0 { return "`\(path)`: the schedule of `\(term.name)` begins in a later epoch" }
    if !trainedNames.contains(where: term.matches) {
      return "`\(path)`: `\(term.name)` matches no tensor that is trained"
    }
    return "`\(path)`: `\(term.name)` acts the same in the first steps"
  }

  /// Whether building the layers looks at an option: a map, which no option takes, is refused then.
  private func isRead(_ path: String) -> Bool {
    guard let edit = try? ConfigurationEdit("\(path)={vcsh: 1}"),
      let configuration = try? edit.applied(to: edited.architecture.configuration)
    else { return true }
    return (try? TwinArchitecture.check(configuration: configuration)) == nil
  }

  private func kernels(of arm: SideBySide.Arm) throws -> Tensor? {
    try TwinNetwork(architecture: arm.architecture, source: arm.source ?? source, heads: []).effectiveKernels
  }
}
