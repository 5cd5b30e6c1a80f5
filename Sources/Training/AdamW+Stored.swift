import Base
import Formats
import Twin

extension AdamW {
  /// The state that a checkpoint keeps, so that training goes on as if it had not ended.
  ///
  /// PyTorch keeps no names: the moments of each group are matched with the parameters that training moves, in the order of
  /// the checkpoint, and every shape must agree.
  /// - Throws: `missing` where the checkpoint has no state, `mismatch` where it does not fit the twin.
  public init(stored checkpoint: Checkpoint, of architecture: TwinArchitecture) throws {
    guard let state = try StoredOptimiser(checkpoint) else {
      throw Failure(
        .missing, "\(checkpoint.path) holds no optimiser state", hint: "train without --continue-optimiser")
    }
    let groups = ParameterGroup.of(architecture)
    func misfit(_ what: String) -> Failure {
      Failure(
        .mismatch, "\(checkpoint.path): the optimiser state does not fit the twin: \(what)",
        hint: "train without --continue-optimiser")
    }
    guard groups.count == state.groups.count else {
      throw misfit("\(state.groups.count) groups of parameters for \(groups.count)")
    }
    let shapes = Dictionary(uniqueKeysWithValues: architecture.parameters.map { ($0.name, $0.shape) })
    var moments: [String: Moments] = [:]
    for (group, stored) in zip(groups, state.groups) {
      let known = stored.parameters.compactMap { state.moments(of: $0) }
      guard known.count == group.names.count else {
        throw misfit("\(known.count) parameters with a state for \(group.names.count) (\(group.kind.rawValue))")
      }
      for (name, own) in zip(group.names, known) {
        guard own.first.info.shape == shapes[name], own.second.info.shape == shapes[name] else {
          throw misfit("`\(name)` is \(shapes[name] ?? []), its state \(own.first.info.shape)")
        }
        moments[name] = Moments(
          steps: own.steps, first: try state.tensor(own.first).values,
          second: try state.tensor(own.second).values)
      }
    }
    self.init(moments: moments)
  }
}
